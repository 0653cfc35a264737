import { Sinks } from '../support/sinks';

const TOKEN = `header.${Buffer.from('{"sub":"somebody","aud":"something"}').toString('base64url')}.${'s1gnatur3-'.repeat(9)}`;

describe('the search for parts of tokens in what comes out', () => {
  let sinks: Sinks;
  beforeEach(() => {
    sinks = new Sinks();
    sinks.made(TOKEN);
  });

  it.each([
    ['the whole', TOKEN],
    ['a piece of the payload', `x ${TOKEN.slice(20, 36)} y`],
    ['a piece of the signature', JSON.stringify({ deep: { key: `"${TOKEN.slice(-16)}"` } })],
    ['a piece within a longer word', `abc${TOKEN.slice(-20)}def`],
  ])('finds %s', (_what, text) => {
    sinks.cameOut(text);
    expect(sinks.leaks()).toHaveLength(_what === 'the whole' ? 2 : 1);
  });

  it('finds nothing in what is no token', () => {
    sinks.cameOut(`${TOKEN.slice(20, 35)} header.header.header {"sub":"somebody","aud":"something"}`);
    expect(sinks.leaks()).toEqual([]);
    expect(sinks.counts).toEqual({ tokens: 1, characters: expect.any(Number) });
  });
});
