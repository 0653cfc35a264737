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

async function start() {
  const [settings, handlers] = await Promise.all([demonstration.settings(), demonstration.access()]);
  const chosenRoute = startRoutes(handlers);
  showAccessTable(handlers);
  byId('route-form').addEventListener('submit', (event) => {
    event.preventDefault();
    void callRoute(chosenRoute());
  });
  await Promise.all([startTokenPanel(settings), startKeySets(settings)]);
  document.documentElement.dataset.ready = '';
}

async function callRoute(route) {
  const [path, token] = [pathOf(route), currentToken()];
  const curl = curlOf(route.method, path, token);
  try {
    const answer = await call(route.method, path, token);
    await explain(answer, token, route);
    showAnswer(curl, answer);
    await showKeySets();
  } catch {
    showNoAnswer(curl, 'the API cannot be reached, or a browser cannot send this token in a header');
    showNoExplanation('nothing was answered.');
  }
  byId('verdict').scrollIntoView({ block: 'nearest' });
}

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

start().catch((error) => {
  byId('verdict').dataset.kind = 'bad';
  byId('verdict').textContent = `This page cannot start: ${error.message}`;
});
