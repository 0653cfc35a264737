import { bearer, readBearerText, type Credentials, type RequestHeaders } from '../../lib/core/token/bearer';

/** What the `Authorization` header says, for whoever does not parse the token: one b64token, or malformed. */
export function readBearer(request: RequestHeaders): Credentials {
  const credentials = readBearerText(request);
  return credentials.kind === 'bearer' ? bearer(credentials.token) : credentials;
}
