/** A Nest application with one route and one guard, as a process of its own that tells what it takes. */
import 'reflect-metadata';
import { Session } from 'node:inspector/promises';
import { Controller, Get, Module, UseGuards } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { GUARDS } from './guards.mjs';
import { audienceOf } from './world.mjs';

const { adapter, guard, world } = JSON.parse(process.env.BENCH_APP);

class BenchController {
  get() {
    return { ok: true };
  }
}
class BenchModule {}

const audiences = Array.from({ length: world.clients }, (_, index) => audienceOf(index));
const { imports = [], guards, middleware } = await GUARDS[guard]({ ...world, audiences });
const descriptor = Object.getOwnPropertyDescriptor(BenchController.prototype, 'get');
Get('mines')(BenchController.prototype, 'get', descriptor);
if (guards.length > 0) {
  UseGuards(...guards)(BenchController);
}
Controller()(BenchController);
Module({ imports, controllers: [BenchController] })(BenchModule);

const options = { logger: false };
const app =
  adapter === 'fastify'
    ? await NestFactory.create(BenchModule, new FastifyAdapter(), options)
    : await NestFactory.create(BenchModule, options);
if (middleware !== undefined) {
  app.use(middleware);
}
await app.listen(0, '127.0.0.1');

let session;
async function answer(question) {
  if (question === 'usage') {
    return { cpu: process.cpuUsage() };
  }
  if (question === 'stop') {
    return session.post('Profiler.stop');
  }
  session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: 200 });
  await session.post('Profiler.start');
  return {};
}
process.on('message', (question) => void answer(question).then((found) => process.send(found)));
process.on('disconnect', () => process.exit());
process.send({ port: app.getHttpServer().address().port });
