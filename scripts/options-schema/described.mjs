/**
 * The schema of an interface's object, with the description and the default of each property. Objects inside it become
 * definitions, each under the name of its interface.
 */
export function described(schema, interfaceName, documentation) {
  const definitions = {};
  return { ...describedObject(schema, interfaceName), definitions };

  function describedObject({ type, properties, ...rest }, name) {
    const documented = documentation.propertiesOf(name);
    for (const property of Object.keys(properties)) {
      if (!documented.has(property)) {
        throw new Error(`${name}.${property} is in a field table, and not in the type of the options`);
      }
    }
    // In the order of the interface.
    const result = {};
    for (const [property, { description, isOptional, interfaces }] of documented) {
      const own = properties[property];
      if (own === undefined) {
        continue;
      }
      if (isOptional === (rest.required ?? []).includes(property)) {
        throw new Error(`${name}.${property} is required in its field table, or in its type, but not in both`);
      }
      const value = withDefinitions(own, interfaces);
      result[property] = { description, ...value, ...defaultIn(description, value) };
    }
    return { type, properties: result, ...rest };
  }

  /** The schema with a reference for each object whose type is one of these interfaces. */
  function withDefinitions(own, interfaces) {
    if (own.items !== undefined) {
      return { ...own, items: withDefinitions(own.items, interfaces) };
    }
    if (own.properties === undefined) {
      return own.anyOf === undefined
        ? own
        : { ...own, anyOf: own.anyOf.map((member) => withDefinitions(member, interfaces)) };
    }
    if (own.additionalProperties === true) {
      return own;
    }
    // Beside properties, `anyOf` is a rule about them, and stays as it is.
    const name = interfaces.find((each) =>
      Object.keys(own.properties).every((property) => documentation.propertiesOf(each).has(property)),
    );
    if (name === undefined) {
      throw new Error(`no interface has the options ${Object.keys(own.properties).join(', ')}`);
    }
    definitions[name] ??= describedObject(own, name);
    return { $ref: `#/definitions/${name}` };
  }
}

/**
 * The default that a description gives, as in "Default: 600." A test compares the defaults with those of the library.
 */
function defaultIn(description, { type, enum: literals }) {
  const [, plain, quoted] =
    /Default: (?:(true|false|[\d,]*\d)(?=[.,](?: |$))|(`[^`]+`)(?=\.(?: |$)))/.exec(description) ?? [];
  const text = quoted?.slice(1, -1);
  if (type === 'boolean' && /^(true|false)$/.test(plain ?? '')) {
    return { default: plain === 'true' };
  }
  if (type === 'number' && /^\d/.test(plain ?? '')) {
    return { default: Number(plain.replaceAll(',', '')) };
  }
  return text !== undefined && (type === 'string' || literals?.includes(text)) ? { default: text } : {};
}
