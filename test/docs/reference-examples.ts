/** What the examples of the reference take for granted: what the package exports, and an application around it. */
const AROUND = `
import { Catch, Controller, Delete, Get, Injectable, Module, Put, UseGuards } from '@nestjs/common';
import type { ArgumentsHost, ExceptionFilter, INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { CustomTransportStrategy } from '@nestjs/microservices';
import { WsAdapter } from '@nestjs/platform-ws';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { Test } from '@nestjs/testing';
import {
  authenticateConnections, AuthenticationContext, Authorize, clientsFromFile, CurrentUser, describeAccess, MemoryRevocationStore, MultiJwtGuard, OidcClients,
  OidcAuthException, OidcMultiAuthModule, OidcPrincipal, OidcRevocations, optionsFromEnv, Roles, RolesGuard, StepUpRequired,
} from 'nestjs-oidc-multi-auth';
import type { AccessPolicy, AccessRequest, OidcAuthService, OidcClientOptions, OidcClientSource, OidcHealthIndicator, ReplayStore } from 'nestjs-oidc-multi-auth';
import { protectMcp, type McpServerStrategy } from 'nestjs-oidc-multi-auth/mcp';
import { addOidcSecurity } from 'nestjs-oidc-multi-auth/openapi';
import { redisStore } from 'nestjs-oidc-multi-auth/redis';
import {
  replayStoreTests, revocationStoreCases, TestIssuer, testPrincipal, TestProofKey, withTestIssuer, withUser,
} from 'nestjs-oidc-multi-auth/testing';
import 'nestjs-oidc-multi-auth/testing/jest';
import Redis from 'ioredis';
import { AppModule } from './app.module.js';

declare const amount: number;
declare const user: OidcPrincipal;
declare function audit(code: string, client: string | undefined): undefined;
declare class PermitsService { mayEdit(subject: string | undefined, mine: string | undefined): Promise<boolean> }
interface Database { insertIfAbsent(key: string, options: { expiresInSeconds: number }): Promise<boolean> }
declare const database: Database;
declare const clients: readonly OidcClientOptions[];
declare const url: string;
declare const mcp: McpServerStrategy & CustomTransportStrategy;
declare class MyStore implements ReplayStore { constructor(database: Database); remember(): boolean }
declare class OwnPolicy implements AccessPolicy { authorize(): boolean }
declare class Around {
  readonly health: { check(checks: readonly (() => unknown)[]): unknown };
  readonly oidc: OidcHealthIndicator;
}
`;

/** An example of the reference as a file of its own: a class, members of one, or statements. */
export function exampleFile(code: string): string {
  if (/^export class /m.test(code)) {
    return `${AROUND.replace('import { AppModule }', 'import { AppModule as Application }')}\n${code}`;
  }
  if (code.startsWith('@')) {
    return `${AROUND}\nclass MayEditMine extends OwnPolicy {}\nexport class Example extends Around {\n${code}\n}`;
  }
  const isDeclared = (name: string): boolean => new RegExp(`const ${name}\\b`).test(code);
  const parameters = ['app: INestApplication', 'auth: OidcAuthService', 'issuer: TestIssuer', 'token: string'].filter(
    (parameter) => !isDeclared(parameter.split(':', 1)[0] ?? ''),
  );
  return `${AROUND}\nexport async function example(${parameters.join(', ')}) {\n${code}\n}`;
}
