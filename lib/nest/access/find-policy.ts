import type { ModulesContainer } from '@nestjs/core';
import type { AccessPolicyType } from './access-rule';

/** A module as Nest's container has it. */
type NestModule = ModulesContainer extends Map<string, infer M> ? M : never;

/** The provider of a policy. */
export interface FoundPolicy {
  readonly module: NestModule;
}

/**
 * Finds the provider of a policy as Nest would to inject it into the class that handles: in the module of that class, or
 * among what the modules it imports export. Where none of these has it, the only provider in the application is taken.
 *
 * @returns `missing` where no module provides it, `ambiguous` where several do and nothing says which is meant.
 */
export function findPolicy(
  modules: ModulesContainer,
  policy: AccessPolicyType,
  controller: Function,
): FoundPolicy | 'missing' | 'ambiguous' {
  const all = [...modules.values()];
  const hosts = all.filter((module) => handles(module, controller));
  const near = new Set(hosts.map((host) => visibleIn(host, policy)).filter((module) => module !== undefined));
  const providing = near.size > 0 ? [...near] : all.filter((module) => module.providers.has(policy));
  const [module, ...others] = providing;
  if (module === undefined) {
    return 'missing';
  }
  return others.length > 0 ? 'ambiguous' : { module };
}

function handles(module: NestModule, controller: Function): boolean {
  return [...module.controllers.keys(), ...module.providers.keys()].includes(controller);
}

function visibleIn(module: NestModule, policy: AccessPolicyType): NestModule | undefined {
  return module.providers.has(policy) ? module : exportedTo(module, policy, new Set());
}

/** The module whose provider a module gets through those that it imports, and that these export again. */
function exportedTo(module: NestModule, policy: AccessPolicyType, seen: Set<NestModule>): NestModule | undefined {
  for (const imported of module.imports) {
    if (seen.has(imported)) {
      continue;
    }
    seen.add(imported);
    if (imported.exports.has(policy) && imported.providers.has(policy)) {
      return imported;
    }
    const reexports = [...imported.imports].some(({ metatype }) => imported.exports.has(metatype));
    const found = reexports || imported.exports.has(policy) ? exportedTo(imported, policy, seen) : undefined;
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

/** What keeps a policy from being asked. */
export function policyFault(...args: Parameters<typeof findPolicy>): 'missing' | 'ambiguous' | undefined {
  const found = findPolicy(...args);
  return typeof found === 'string' ? found : undefined;
}
