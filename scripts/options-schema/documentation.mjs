/**
 * What the documentation of an option says of its value: "from 1 to 86,400" are its bounds, "Default: 600" its default. A
 * test holds the bounds and the defaults against what the library does.
 */
export function schemaOfText(description, schema) {
  return { ...schema, ...boundsIn(description, schema), ...defaultIn(description, schema) };
}

function boundsIn(description, { type }) {
  const [, minimum, maximum] = (type === 'number' && /from ([\d.,]+) to ([\d,]+)/.exec(description)) || [];
  return minimum === undefined ? {} : { minimum: number(minimum), maximum: number(maximum) };
}

function defaultIn(description, { type, enum: literals }) {
  const [, plain, quoted] =
    /Default: (?:(true|false|[\d,]*\d)(?=[.,](?: |$))|(`[^`]+`)(?=\.(?: |$)))/.exec(description) ?? [];
  const text = quoted?.slice(1, -1);
  if (type === 'boolean' && /^(true|false)$/.test(plain ?? '')) {
    return { default: plain === 'true' };
  }
  if (type === 'number' && /^\d/.test(plain ?? '')) {
    return { default: number(plain) };
  }
  return text !== undefined && (type === 'string' || literals?.includes(text)) ? { default: text } : {};
}

function number(text) {
  return Number(text.replaceAll(',', ''));
}
