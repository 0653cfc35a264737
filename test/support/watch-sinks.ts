import { report, sinks, watch } from './sinks';

/** Runs in every test file: whatever it tests, nothing of a token may come out. */
watch();
afterAll(() => {
  report();
  expect(sinks.leaks()).toEqual([]);
});
