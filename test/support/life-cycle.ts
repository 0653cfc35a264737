import { TestIssuer, type TestIssuerOptions } from 'nestjs-oidc-multi-auth/testing';
import { startApp, type TestApp, type TestAppOptions } from './test-app';

/** An issuer for all tests of a file or a `describe` block. It is started before the first and stopped after the last. */
export function useTestIssuer(options?: TestIssuerOptions): TestIssuer {
  let issuer: TestIssuer | undefined;
  beforeAll(async () => {
    issuer = await TestIssuer.start(options);
  });
  afterAll(() => issuer?.stop());
  return forwardTo(() => issuer);
}

/** A new issuer for each test of a file or a `describe` block. */
export function useFreshTestIssuer(options?: TestIssuerOptions): TestIssuer {
  let issuer: TestIssuer | undefined;
  beforeEach(async () => {
    issuer = await TestIssuer.start(options);
  });
  afterEach(() => issuer?.stop());
  return forwardTo(() => issuer);
}

/**
 * Starts applications and closes them: after the test that started one, or after the last test if a `beforeAll` started it.
 * What it returns is `startApp`.
 */
export function useApps(): (options: TestAppOptions) => Promise<TestApp> {
  const ofTest: TestApp[] = [];
  const ofBlock: TestApp[] = [];
  let started = ofBlock;
  const close = (apps: TestApp[]) => Promise.all(apps.splice(0).map((app) => app.close()));
  beforeEach(() => {
    started = ofTest;
  });
  afterEach(async () => {
    started = ofBlock;
    await close(ofTest);
  });
  afterAll(() => close(ofBlock));
  return async (options) => {
    const list = started;
    const app = await startApp(options);
    list.push(app);
    return app;
  };
}

/** Stands for an object that exists only while tests run. */
function forwardTo<T extends object>(current: () => T | undefined): T {
  return new Proxy({} as T, {
    get(_, name) {
      const target = current();
      if (target === undefined) {
        throw new Error(`${String(name)} is read before the hooks have run`);
      }
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
