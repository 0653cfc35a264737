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
    [['app.module.cjs', '--export', 'Missing'], 'it exports AppModule, GuardedModule, createApp'],
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
  });
});
