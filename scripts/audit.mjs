/**
 * Asks the registry whether anything that an application gets with this package has a known vulnerability, and exits with
 * 1 if it does. A registry without audits (a mirror) cannot be asked: that is said, and is no failure.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** How registries say that they have no such endpoint. */
const NOT_THERE = [404, 405, 410, 501];

const { stdout, stderr, error } = spawnSync('npm', ['audit', '--omit=dev', '--json'], {
  cwd: fileURLToPath(new URL('..', import.meta.url)),
  encoding: 'utf8',
});
process.exitCode = tell(parse(stdout ?? ''));

/** @returns what to exit with. */
function tell(report) {
  if (report?.auditReportVersion !== undefined) {
    const vulnerable = Object.values(report.vulnerabilities ?? {});
    for (const { name, severity, range, via } of vulnerable) {
      const reasons = via.map((reason) =>
        typeof reason === 'string' ? `by ${reason}` : `${reason.title} (${reason.url})`,
      );
      console.error(`${name} ${range}: ${severity}: ${reasons.join('; ')}`);
    }
    console.log(`npm audit: ${vulnerable.length} vulnerable packages among those that an application gets`);
    return vulnerable.length === 0 ? 0 : 1;
  }
  if (NOT_THERE.includes(report?.statusCode)) {
    console.log(`npm audit: not done, for this registry has no audits (it answered ${report.statusCode})`);
    return 0;
  }
  console.error(`npm audit: failed: ${report?.message ?? error?.message ?? (stderr.trim() || 'no report')}`);
  return 1;
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
