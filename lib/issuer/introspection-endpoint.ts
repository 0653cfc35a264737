import type { IssuerConfiguration } from '../core/client/client';
import type { IntrospectionSettings } from '../core/introspection/settings';
import type { Clock } from '../core/clock';
import { isJsonObject, own, parseJsonObject, type JsonObject } from '../core/token/json-object';
import { parseToken, type UnverifiedToken } from '../core/token/unverified-token';
import { verifySignature } from '../core/key/signature';
import { isSymmetric } from '../core/key/algorithm';
import { urlProblem } from '../core/url';
import { discover } from './discovery';
import { FetchError, MAX_RESPONSE_BYTES, readAnswer, reasonOf, type FetchBounds } from './fetch-json';
import { guardDispatcher } from './guard-dispatcher';
import { authenticationOf, loadOAuth } from './introspection-client';
import type { Issuer } from './issuer';
import type { FetchPolicy } from './key-refresh';

/** The content type of a signed answer (RFC 9701 section 5). */
const SIGNED = /^application\/token-introspection\+jwt *(?:;|$)/i;

/** The header `typ` of a signed answer. */
const SIGNED_TYPE = /^(?:application\/)?token-introspection\+jwt$/i;

/** How old a signed answer may be, in seconds, either way. */
const SIGNED_TOLERANCE = 60;

/**
 * The introspection endpoint of one issuer (RFC 7662): one request for one token, within the bounds of all fetches. The
 * caller decides when, and what the answer means.
 *
 * @internal
 */
export class IntrospectionEndpoint {
  readonly #shutdown = new AbortController();
  #discovered: string | undefined;

  constructor(
    private readonly configuration: IssuerConfiguration,
    private readonly settings: IntrospectionSettings,
    private readonly policy: FetchPolicy,
    private readonly issuer: Issuer,
    private readonly clock: Clock,
  ) {}

  /**
   * Asks about a token. The token is in the body of the request and nowhere else.
   *
   * @throws FetchError, or UnloadableError where oauth4webapi is missing.
   */
  async ask(token: string): Promise<JsonObject> {
    const oauth = loadOAuth();
    const bounds = this.#bounds();
    const url = await this.#endpoint(bounds);
    const problem = urlProblem(url, bounds.allowInsecureHttp);
    if (problem !== undefined) {
      throw new FetchError(`${url} ${problem}`, 'not_allowed');
    }
    const { clientId, signedResponses } = this.settings;
    const server = { issuer: this.configuration.issuer ?? '', introspection_endpoint: url };
    const authentication = await authenticationOf(oauth, this.settings);
    try {
      const response = await oauth.introspectionRequest(server, { client_id: clientId }, authentication, token, {
        [oauth.customFetch]: (target: string, request: RequestInit) => send(target, request, bounds),
        [oauth.allowInsecureRequests]: true,
        requestJwtResponse: signedResponses,
        additionalParameters: { token_type_hint: 'access_token' },
      });
      try {
        const octets = await readAnswer(url, response, signedResponses ? SIGNED : undefined);
        return signedResponses ? await this.#readSigned(url, octets) : readPlain(url, octets);
      } finally {
        if (!response.bodyUsed) {
          await response.body?.cancel();
        }
      }
    } catch (error) {
      if (error instanceof FetchError) {
        throw error;
      }
      throw bounds.deadline.signal.aborted
        ? new FetchError(`${url} did not answer within ${bounds.deadline.milliseconds} ms`, 'timeout')
        : new FetchError(`${url} failed: ${reasonOf(error)}`, 'connection');
    }
  }

  close(): void {
    this.#shutdown.abort();
  }

  async #endpoint(bounds: FetchBounds): Promise<string> {
    const known = this.settings.endpoint ?? this.#discovered;
    if (known !== undefined) {
      return known;
    }
    const { keySource } = this.configuration;
    if (keySource.kind !== 'discovery') {
      throw new FetchError('nothing says where its introspection endpoint is', 'no_place');
    }
    const headers = this.configuration.fetchHeaders;
    const { introspectionEndpoint, url } = await discover(keySource, this.configuration, { ...bounds, headers });
    if (introspectionEndpoint === undefined) {
      throw new FetchError(`the document at ${url} names no introspection_endpoint`, 'no_place');
    }
    this.#discovered = introspectionEndpoint;
    return introspectionEndpoint;
  }

  /** RFC 9701 section 5: a JWT of its own type, signed by the issuer, for this client, with the answer in one claim. */
  async #readSigned(url: string, octets: Buffer): Promise<JsonObject> {
    const token = parseToken(octets.toString('latin1'), MAX_RESPONSE_BYTES);
    const claims = token?.unverifiedClaims ?? {};
    const answer = own(claims, 'token_introspection');
    const issuedAt = own(claims, 'iat');
    const isGood =
      token !== undefined &&
      SIGNED_TYPE.test(String(own(token.unverifiedHeader, 'typ'))) &&
      own(claims, 'iss') === this.configuration.issuer &&
      [own(claims, 'aud')].flat().includes(this.settings.clientId) &&
      typeof issuedAt === 'number' &&
      Math.abs(this.clock.now() - issuedAt) <= SIGNED_TOLERANCE &&
      (await this.#isSigned(token));
    if (!isGood || !isJsonObject(answer)) {
      throw new FetchError(`${url} did not answer with a JWT of RFC 9701 for this client`, 'not_json');
    }
    return answer;
  }

  async #isSigned(token: UnverifiedToken): Promise<boolean> {
    if (isSymmetric(token.algorithm)) {
      return false;
    }
    const found = await this.issuer.findKeys(token);
    const keys = found.kind === 'keys' ? found.keys : [];
    return keys.some((key) => verifySignature(token.algorithm, key, token.signingInput, token.signature));
  }

  #bounds(): FetchBounds {
    const milliseconds = Math.round(this.policy.fetchTimeout * 1000);
    return {
      deadline: { milliseconds, signal: AbortSignal.timeout(milliseconds) },
      allowInsecureHttp: this.configuration.allowInsecureHttp,
      signal: this.#shutdown.signal,
      dispatcher: this.configuration.dispatcher ?? this.policy.dispatcher,
    };
  }
}

/**
 * Sends a request within the bounds: no redirects, no longer than the deadline. `fetchHeaders` are for documents alone: the
 * client authentication is the only credential that the endpoint gets.
 */
function send(target: string, request: RequestInit, bounds: FetchBounds): Promise<Response> {
  return fetch(target, {
    method: 'POST',
    headers: request.headers,
    body: request.body,
    redirect: 'manual',
    signal: AbortSignal.any([bounds.deadline.signal, bounds.signal]),
    ...(bounds.dispatcher === undefined ? {} : { dispatcher: guardDispatcher(bounds.dispatcher) }),
  } as RequestInit);
}

/** A duplicate name could say both that a token is active and that it is not. */
function readPlain(url: string, octets: Buffer): JsonObject {
  const answer = parseJsonObject(octets);
  if (answer === undefined) {
    throw new FetchError(`${url} did not answer with a JSON object that has each name once`, 'not_json');
  }
  return answer.value;
}
