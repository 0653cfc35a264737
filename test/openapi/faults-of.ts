import type { OpenAPIObject } from '@nestjs/swagger';

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];
/** What a security scheme of each type must say (OpenAPI 3.0, Security Scheme Object). */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  http: ['scheme'],
  oauth2: ['flows'],
  openIdConnect: ['openIdConnectUrl'],
  apiKey: ['name', 'in'],
};

/** What is wrong with a document by the rules of OpenAPI 3 for what this library adds to one. */
export function faultsOf(document: OpenAPIObject): string[] {
  const faults: string[] = [];
  const components: Json = isObject(document.components) ? { ...document.components } : {};
  const named = (kind: string): Json => (isObject(components[kind]) ? components[kind] : {});
  const resolve = (ref: string): unknown => {
    const [root, first, kind = '', name = ''] = ref.split('/');
    return root === '#' && first === 'components' ? named(kind)[name] : undefined;
  };

  // Every reference leads somewhere.
  const visit = (value: unknown, place: string): void => {
    if (Array.isArray(value)) {
      value.forEach((member, index) => visit(member, `${place}/${index}`));
    } else if (isObject(value)) {
      const { $ref } = value;
      if (typeof $ref === 'string' && resolve($ref) === undefined) {
        faults.push(`${place}: ${$ref} leads nowhere`);
      }
      Object.entries(value).forEach(([key, member]) => visit(member, `${place}/${key}`));
    }
  };
  visit(document, '');

  for (const [kind, all] of Object.entries(components)) {
    for (const name of Object.keys(isObject(all) ? all : {})) {
      if (!/^[a-zA-Z0-9.\-_]+$/.test(name)) {
        faults.push(`components/${kind}: "${name}" is no name`);
      }
    }
  }
  for (const [name, scheme] of Object.entries(named('securitySchemes'))) {
    const needed = isObject(scheme) ? NEEDED[String(scheme['type'])] : undefined;
    if (needed === undefined || !isObject(scheme) || needed.some((field) => scheme[field] === undefined)) {
      faults.push(`securitySchemes/${name}: ${JSON.stringify(scheme)}`);
    }
  }
  const ids = new Set<unknown>();
  for (const [path, item] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(item)) {
      if (!METHODS.includes(method) || !isObject(operation)) {
        continue;
      }
      const place = `${method} ${path}`;
      if (ids.has(operation['operationId'])) {
        faults.push(`${place}: operationId ${String(operation['operationId'])} is there twice`);
      }
      ids.add(operation['operationId']);
      faults.push(...responseFaults(operation['responses'], place, resolve));
      faults.push(...securityFaults(operation['security'], place, named('securitySchemes')));
    }
  }
  return faults;
}

function responseFaults(responses: unknown, place: string, resolve: (ref: string) => unknown): string[] {
  if (!isObject(responses)) {
    return [`${place}: no responses`];
  }
  return Object.entries(responses).flatMap(([status, given]) => {
    const response = isObject(given) && typeof given['$ref'] === 'string' ? resolve(given['$ref']) : given;
    const isWhole = isObject(response) && typeof response['description'] === 'string';
    return isWhole && /^([1-5]\d\d|[1-5]XX|default)$/.test(status) ? [] : [`${place}: response ${status} is none`];
  });
}

function securityFaults(security: unknown, place: string, schemes: Json): string[] {
  const alternatives: readonly unknown[] = Array.isArray(security) ? security : [];
  return alternatives.flatMap((alternative) =>
    Object.entries(isObject(alternative) ? alternative : { '': undefined }).flatMap(([name, scopes]) => {
      const scheme = schemes[name];
      const type = isObject(scheme) ? scheme['type'] : undefined;
      const mayHaveScopes = type === 'oauth2' || type === 'openIdConnect';
      const isRight = Array.isArray(scopes) && (scopes.length === 0 || mayHaveScopes) && type !== undefined;
      return isRight ? [] : [`${place}: security ${name} ${JSON.stringify(scopes)}`];
    }),
  );
}
