/** What an environment is for. A host that is this machine is `local`; no word says that. */
export type Environment = 'local' | 'development' | 'test' | 'production';

/**
 * Words that name environments in hosts, realms, clients and audiences. The one vocabulary of explanations and of the doctor.
 * Words with another common meaning (`local`, `int`) are left out.
 */
const WORDS: ReadonlyMap<string, Environment> = new Map([
  ...['dev', 'develop', 'development'].map((word) => [word, 'development'] as const),
  ...'test tst testing integration qa uat stage staging stg sandbox demo preprod'
    .split(' ')
    .map((word) => [word, 'test'] as const),
  ...['prod', 'prd', 'production'].map((word) => [word, 'production'] as const),
]);

/** The environment that a word names, in any case; undefined where it names none. */
export function environmentOf(word: string): Environment | undefined {
  return WORDS.get(word.toLowerCase());
}

/**
 * The words by which two names of one thing say different environments: the names are equal but for these words, case and
 * punctuation. Undefined where the names differ otherwise, or not by such words.
 */
export function environmentWords(
  one: string,
  other: string,
): { readonly one: string | undefined; readonly other: string | undefined } | undefined {
  const [first, second] = [splitName(one), splitName(other)];
  return first.stem === second.stem && first.word !== second.word ? { one: first.word, other: second.word } : undefined;
}

function splitName(name: string): { readonly stem: string; readonly word: string | undefined } {
  const words = name
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
  const isNamed = (word: string): boolean => WORDS.has(word);
  const named = words.filter(isNamed);
  return {
    stem: words.filter((word) => !isNamed(word)).join(' '),
    word: named.length === 0 ? undefined : named.join(' '),
  };
}
