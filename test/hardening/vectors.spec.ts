import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXCEPTIONS } from './published/exceptions';
import { isToken } from './published/judge';
import { vectorFiles } from './published/vector-files';
import { tallyOf, vectorPage } from './published/vector-page';

const PAGE = join(__dirname, '../../docs/vectors.md');
const FILES = vectorFiles();

describe('published test vectors', () => {
  describe.each(FILES)('$name ($what)', ({ name, vectors }) => {
    const exceptions = EXCEPTIONS.filter(({ file }) => file === name);
    const excepted = new Map(exceptions.flatMap(({ ids, published }) => ids.map((id) => [id, published])));

    it('R8725-05 R7515-12 R7519-10 verifies the valid ones and refuses the invalid ones, but for known exceptions', () => {
      const otherwise = vectors
        .filter(({ expected, isAccepted }) => expected !== 'acceptable' && isAccepted() !== (expected === 'valid'))
        .map(({ id, expected }) => [id, expected]);
      expect(new Map(otherwise as [string, string][])).toEqual(excepted);
    });

    it('has vectors, each with an id of its own', () => {
      expect(vectors.length).toBeGreaterThan(5);
      expect(new Set(vectors.map(({ id }) => id)).size).toBe(vectors.length);
    });
  });

  it('has every exception in a file that there is, with a reason', () => {
    const names = FILES.map(({ name }) => name);
    for (const { file, ids, why } of EXCEPTIONS) {
      expect(names).toContain(file);
      expect(ids.length).toBeGreaterThan(0);
      expect(why.length).toBeGreaterThan(20);
    }
  });

  it('R7519-02 takes a signed text for a token exactly if its payload is a JSON object', () => {
    let claims = 0;
    let others = 0;
    for (const { token, isAccepted } of FILES.flatMap(({ vectors }) => vectors)) {
      if (token === undefined || !isAccepted()) {
        continue;
      }
      const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString();
      const isObject = payload.startsWith('{');
      expect([payload, isToken(token)]).toEqual([payload, isObject]);
      claims += Number(isObject);
      others += Number(!isObject);
    }
    expect(claims).toBeGreaterThanOrEqual(3);
    expect(others).toBeGreaterThanOrEqual(40);
  });

  it('R7515-03 R8725-08 R9068-09 takes no JSON serialization and nothing encrypted for a token', () => {
    const others = FILES.flatMap(({ vectors }) => vectors).filter(
      ({ token, about }) => token !== undefined && (token.startsWith('{') || about.startsWith('jwe')),
    );
    expect(others.length).toBeGreaterThan(50);
    expect(others.filter(({ token }) => token !== undefined && isToken(token))).toEqual([]);
  });

  it('R7515-13 refuses the header of the example with b64 false, whatever its payload', () => {
    const example = FILES.flatMap(({ vectors }) => vectors).find(
      ({ id }) => id === 'rfc7797/hmac-sha2_b64_false.json compact',
    );
    const [header = '', , signature = ''] = example?.token?.split('.') ?? [];
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toMatchObject({ b64: false });
    expect(isToken(`${header}.e30.${signature}`)).toBe(false);
  });

  it('R8725-09 refuses, of the JSON texts that may go either way, those that are not UTF-8 and no others', () => {
    const either = FILES.flatMap(({ vectors }) => vectors).filter(
      ({ id, expected }) => id.startsWith('i_') && expected === 'acceptable',
    );
    const refused = either.filter(({ isAccepted }) => !isAccepted()).map(({ id }) => id);
    expect([either.length, refused]).toEqual([
      35,
      [
        'i_string_UTF-16LE_with_BOM',
        'i_string_UTF-8_invalid_sequence',
        'i_string_UTF8_surrogate_U+D800',
        'i_string_invalid_utf-8',
        'i_string_iso_latin_1',
        'i_string_lone_utf8_continuation_byte',
        'i_string_not_in_unicode_range',
        'i_string_overlong_sequence_2_bytes',
        'i_string_overlong_sequence_6_bytes',
        'i_string_overlong_sequence_6_bytes_null',
        'i_string_truncated-utf-8',
        'i_string_utf16BE_no_BOM',
        'i_string_utf16LE_no_BOM',
        'i_structure_UTF-8_BOM_empty_object',
      ],
    ]);
  });

  it('are told of in docs/vectors.md, which is current (UPDATE_DOCS=1 writes it)', () => {
    const page = vectorPage(FILES.map(tallyOf));
    if (process.env['UPDATE_DOCS'] === '1') {
      writeFileSync(PAGE, page);
    }
    expect(existsSync(PAGE) && readFileSync(PAGE, 'utf8')).toBe(page);
  });
});
