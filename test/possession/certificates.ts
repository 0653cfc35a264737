import { execFileSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A certificate, its key and its thumbprint. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
  readonly der: Buffer;
  readonly thumbprint: string;
}

/** Makes a self-signed certificate by openssl, as a client would have one. */
export function opensslCertificate(name: string, algorithm: 'ec' | 'rsa' = 'ec'): Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'certificate-'));
  try {
    const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const newKey = algorithm === 'ec' ? ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'] : ['rsa:2048'];
    const files = ['-keyout', keyFile, '-out', certFile];
    const subject = ['-subj', `/CN=${name}`, '-days', '2', '-addext', 'subjectAltName=IP:127.0.0.1'];
    execFileSync('openssl', ['req', '-x509', '-nodes', '-newkey', ...newKey, ...files, ...subject], {
      stdio: 'ignore',
    });
    const cert = readFileSync(certFile, 'utf8');
    const der = new X509Certificate(cert).raw;
    return {
      cert,
      key: readFileSync(keyFile, 'utf8'),
      der,
      thumbprint: createHash('sha256').update(der).digest('base64url'),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
