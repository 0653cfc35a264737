import { isDeepStrictEqual } from 'node:util';
import type { Operation, SecurityRequirement } from './open-api-document';
import type { OperationRules } from './operation-rules';
import type { RefusalResponses } from './refusal-responses';
import { authenticationInWords, inWords, requiredRoles } from './required-roles';
import type { SecuritySchemes } from './security-schemes';

/**
 * Writes what the guards require of callers into an operation.
 *
 * @internal
 */
export class OperationSecurity {
  constructor(
    private readonly schemes: SecuritySchemes,
    private readonly responses: RefusalResponses,
    private readonly showsRoles: boolean,
  ) {}

  /**
   * @param rules the rules of each handler of the operation. A caller has to meet the rules of one of them.
   */
  tell(operation: Operation, rules: readonly OperationRules[]): Operation {
    const [only] = rules.length === 1 ? rules : [];
    const roles =
      this.showsRoles && only !== undefined ? requiredRoles(only, (client) => this.schemes.names(client)) : undefined;
    const codes = [...new Set(rules.flatMap((one) => one.codes))];
    const security = this.#securityOf(rules);
    const asked = inWords(roles, only?.scopes ?? []);
    const responses = {
      ...this.responses.for(codes, asked, authenticationInWords(only?.authentication)),
      ...operation.responses,
    };
    return {
      ...operation,
      ...(security && { security }),
      ...(roles && { 'x-required-roles': roles }),
      ...(Object.keys(responses).length > 0 && { responses }),
    };
  }

  /** Undefined where it is for others to say, in whole or in part. */
  #securityOf(rules: readonly OperationRules[]): readonly SecurityRequirement[] | undefined {
    if (rules.some(({ token }) => token === 'elsewhere')) {
      return undefined;
    }
    const alternatives = rules.flatMap(({ token, clients, scopes }): SecurityRequirement[] => [
      ...(token === 'required' ? [] : [{}]),
      ...(token === 'none' ? [] : this.schemes.requirementsFor(clients, scopes)),
    ]);
    const distinct = alternatives.filter(
      (one, index) => alternatives.findIndex((other) => isDeepStrictEqual(one, other)) === index,
    );
    return distinct.every((one) => Object.keys(one).length === 0) ? [] : distinct;
  }
}
