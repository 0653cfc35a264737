import { BadRequestException, Body, Controller, Get, Header, HttpCode, Inject, Post } from '@nestjs/common';
import {
  describeAccess,
  OidcAuthService,
  OidcHealthIndicator,
  Public,
  type Explanation,
  type HandlerAccess,
  type OidcClientHealth,
} from 'nestjs-oidc-multi-auth';
import { DEMONSTRATED, type Demonstrated } from './demonstrated';
import { settingsOf, type Settings } from './settings';

/**
 * What the sample's page shows beside the answers of the mines API, for that page alone. Do not copy this: a production API
 * would not offer it publicly. `explain` shows the claims of whichever token it is given and how each client is configured,
 * and the access table tells a stranger where to look.
 */
@Public()
@Controller('demonstration')
export class DemonstrationController {
  constructor(
    @Inject(DEMONSTRATED) private readonly demonstrated: Demonstrated,
    private readonly auth: OidcAuthService,
    private readonly health: OidcHealthIndicator,
  ) {}

  @Get('settings')
  settings(): Settings {
    return settingsOf(this.demonstrated.provider);
  }

  @Get('access')
  access(): readonly HandlerAccess[] {
    return describeAccess(this.demonstrated.application()).handlers;
  }

  @Get('key-sets')
  @Header('Cache-Control', 'no-store')
  keySets(): Readonly<Record<string, OidcClientHealth>> {
    return this.health.clients();
  }

  /** By POST, so that the token is in no URL. */
  @Post('explain')
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  async explain(@Body() question: unknown): Promise<Explanation> {
    const { token, route } = questionOf(question);
    try {
      return await this.auth.explain(token, { route });
    } catch (error) {
      // A route that there is not.
      throw error instanceof TypeError ? new BadRequestException(error.message) : error;
    }
  }
}

function questionOf(question: unknown): { token: string; route: string } {
  const { token, route } = (question ?? {}) as Record<string, unknown>;
  if (typeof token !== 'string' || typeof route !== 'string') {
    throw new BadRequestException('token and route must be strings');
  }
  return { token, route };
}
