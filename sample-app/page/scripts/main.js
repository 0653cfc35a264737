/** The sample's page: take a token, call a route, see the answer and why. */
import { showAccessTable } from './access-table.js';
import { showAnswer, showNoAnswer } from './answer-panel.js';
import { call, curlOf } from './call.js';
import * as demonstration from './demonstration.js';
import { byId } from './element.js';
import { showExplanation, showNoExplanation, showNoToken } from './explanation-panel.js';
import { showKeySets, startKeySets } from './key-sets.js';
import { keyOf, pathOf, startRoutes } from './routes.js';
import { startTokenPanel } from './token-panel.js';
import { currentToken } from './token.js';

const [settings, handlers] = await Promise.all([demonstration.settings(), demonstration.access()]);
const chosenRoute = startRoutes(handlers);
showAccessTable(handlers);

byId('route-form').addEventListener('submit', async (event) => {
  event.preventDefault();
  const route = chosenRoute();
  const [path, token] = [pathOf(route), currentToken()];
  const curl = curlOf(route.method, path, token);
  let answer;
  try {
    answer = await call(route.method, path, token);
  } catch {
    showNoAnswer(curl, 'the API is not reached, or the token cannot stand in a header');
    showNoExplanation('nothing was answered.');
    return;
  }
  await explain(answer, token, route);
  showAnswer(curl, answer);
  byId('answer').scrollIntoView({ block: 'nearest' });
  await showKeySets();
});

async function explain(answer, token, route) {
  if (token === undefined) {
    showNoToken(answer);
    return;
  }
  try {
    showExplanation(await demonstration.explain(token, keyOf(route)), route);
  } catch (error) {
    showNoExplanation(error.message);
  }
}

await Promise.all([startTokenPanel(settings), startKeySets(settings)]);
document.documentElement.dataset.ready = '';
