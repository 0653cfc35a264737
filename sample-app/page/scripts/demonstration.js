/** What the sample offers to this page alone, beside the mines API. */

export const settings = () => ask('GET', 'settings');
export const access = () => ask('GET', 'access');
export const keySets = () => ask('GET', 'key-sets');
export const explain = (token, route) => ask('POST', 'explain', { token, route });
export const serviceToken = async () => (await ask('POST', 'service-token')).access_token;
export const expiredToken = async () => (await ask('POST', 'expired-token')).access_token;
export const rotateKeys = () => ask('POST', 'rotate-keys');

async function ask(method, name, question) {
  const sent = question && { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(question) };
  const response = await fetch(`/demonstration/${name}`, { method, ...sent });
  const text = await response.text();
  const answer = text === '' ? undefined : JSON.parse(text);
  if (!response.ok) {
    throw new Error(`${name}: ${response.status} ${answer?.message ?? response.statusText}`);
  }
  return answer;
}
