import { runCli } from './run-cli';

describe('nestjs-oidc-multi-auth routes', () => {
  it('prints the table of a module and what is wrong with it, without making anything', async () => {
    const { code, stdout, stderr } = await runCli(['routes', 'app.module.cjs', '--export', 'AppModule']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^\| Method \| Path .*\n/);
    expect(stdout).toMatch(
      /^\| GET .*`\/mines` .*any role of core_view_all \(handler\).*`MinesController\.findAll` *\|$/m,
    );
    expect(stdout).toMatch(/^- `unguarded`: MinesController\.forgotten\(\) is unguarded/m);
    expect(stdout).toMatch(
      /^- `unenforced`: MinesController\.findAll\(\) has access decorators that nothing enforces/m,
    );
  });

  it('prints JSON alone', async () => {
    const { code, stdout } = await runCli(['routes', 'app.module.cjs', '--export=GuardedModule', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ handlers: [{ method: 'GET', path: '/other', access: 'guarded' }] });
  });

  it('takes the only module of an ES module', async () => {
    const { code, stdout } = await runCli(['routes', 'one.module.mjs']);
    expect([code, stdout]).toEqual([0, expect.stringContaining('MinesController.findAll')]);
  });

  it('takes a function that makes the application, with what it adds', async () => {
    const { code, stdout } = await runCli(['routes', 'app.module.cjs', '--export', 'createApp']);
    expect([code, stdout]).toEqual([0, expect.stringContaining('`/api/other`')]);
  });

  it('knows the clients that options name, and with --explicit wants every handler to say who may call it', async () => {
    const { stdout } = await runCli(['routes', 'app.module.cjs', '--export', 'MisspelledModule']);
    expect(stdout).toContain('- `unknown_client`: OtherController.get() is for client "bmci", which is not configured');
    expect(
      await runCli(['routes', 'app.module.cjs', '--export', 'GuardedModule', '--check', '--explicit']),
    ).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('- `undeclared`: OtherController.get() does not say who may call it'),
    });
  });

  it('exits with 1 for --check where anything is wrong, and with 0 where nothing is', async () => {
    expect(await runCli(['routes', 'one.module.mjs', '--check'])).toMatchObject({ code: 1 });
    expect(await runCli(['routes', 'app.module.cjs', '--check', '--export', 'GuardedModule'])).toMatchObject({
      code: 0,
    });
  });

  it.each([
    [[], 'give one file'],
    [['a.js', 'b.js'], 'give one file'],
    [['nowhere.js'], 'there is no file'],
    [['app.module.cjs'], 'exports several modules; say by --export'],
    [['app.module.cjs', '--export', 'notAnApplication'], 'has no export notAnApplication'],
    [['app.module.cjs', '--export', 'Helper'], 'Helper is a class and no module'],
    [['app.module.cjs', '--export', 'createNothing'], 'createNothing is a function and returns no application'],
    [
      ['app.module.cjs', '--export', 'FeatureModule'],
      'FeatureModule of app.module.cjs cannot be made into an application; is it the root module?',
    ],
    [['.'], 'there is no file'],
    [
      ['app.module.cjs', '--export', 'Missing'],
      'it exports AppModule, GuardedModule, MisspelledModule, FeatureModule, Helper, createApp',
    ],
    [['typescript.module.ts'], 'compile it and name the compiled file'],
    [['app.module.cjs', '--exprot', 'AppModule'], "'--exprot'"],
  ])('says what would be right: %j', async (args, message) => {
    const { code, stdout, stderr } = await runCli(['routes', ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).toContain('npx nestjs-oidc-multi-auth routes <module file>');
  });
});

describe('nestjs-oidc-multi-auth', () => {
  it('lists every command with --help', async () => {
    const { code, stdout } = await runCli(['--help']);
    expect([code, stdout]).toEqual([0, expect.stringContaining('npx nestjs-oidc-multi-auth routes <module file>')]);
    expect(await runCli(['routes', '--help'])).toMatchObject({ code: 0, stdout: expect.stringContaining('--json') });
  });

  it.each([[[]], [['rotues']], [['toString']]])('does not know %j', async (args) => {
    const { code, stdout, stderr } = await runCli(args);
    expect([code, stdout, stderr]).toEqual([2, '', expect.stringContaining('routes <module file>')]);
    expect(stderr.includes(`there is no command "${args[0]}"`)).toBe(args.length > 0);
  });

  it('ends though what it loaded left something open', async () => {
    expect(await runCli(['routes', 'open-handle.module.cjs'])).toMatchObject({ code: 0 });
  });
});
