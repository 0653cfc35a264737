import type { ModulesContainer } from '@nestjs/core';
import type { AccessPolicyType } from './access-rule';

/** A module as Nest's container has it. */
type NestModule = ModulesContainer extends Map<string, infer M> ? M : never;

/** The module that provides a rule class. */
export interface RuleProvider {
  readonly module: NestModule;
}

/**
 * Finds the provider of a rule class as Nest would to inject it into the class that handles: in the module of that class,
 * or among the exports of the modules that it imports. Where none of these has it, the only provider in the application.
 *
 * @returns `missing` where no module provides it, `ambiguous` where several do and nothing says which is meant.
 */
export function findRuleProvider(
  modules: ModulesContainer,
  rule: AccessPolicyType,
  controller: Function,
): RuleProvider | 'missing' | 'ambiguous' {
  const all = [...modules.values()];
  const hosts = all.filter((module) => handles(module, controller));
  const near = new Set(hosts.map((host) => visibleIn(host, rule)).filter((module) => module !== undefined));
  const providing = near.size > 0 ? [...near] : all.filter((module) => module.providers.has(rule));
  const [module, ...others] = providing;
  if (module === undefined) {
    return 'missing';
  }
  return others.length > 0 ? 'ambiguous' : { module };
}

function handles(module: NestModule, controller: Function): boolean {
  return [...module.controllers.keys(), ...module.providers.keys()].includes(controller);
}

function visibleIn(module: NestModule, rule: AccessPolicyType): NestModule | undefined {
  return module.providers.has(rule) ? module : exportedTo(module, rule, new Set());
}

/** The module whose provider a module gets by its imports, or by what these export again. */
function exportedTo(module: NestModule, rule: AccessPolicyType, seen: Set<NestModule>): NestModule | undefined {
  for (const imported of module.imports) {
    if (seen.has(imported)) {
      continue;
    }
    seen.add(imported);
    if (imported.exports.has(rule) && imported.providers.has(rule)) {
      return imported;
    }
    const reexports = [...imported.imports].some(({ metatype }) => imported.exports.has(metatype));
    const found = reexports || imported.exports.has(rule) ? exportedTo(imported, rule, seen) : undefined;
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

/** What keeps a rule class from being asked; undefined where nothing does. */
export function ruleProviderFault(...args: Parameters<typeof findRuleProvider>): 'missing' | 'ambiguous' | undefined {
  const found = findRuleProvider(...args);
  return typeof found === 'string' ? found : undefined;
}
