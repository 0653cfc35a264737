import { byId, element } from './element.js';

/** The module whose routes are the mines API; all else is there for this page. */
const API = 'AppModule';

export const isOfApi = ({ module }) => module === API;

/** What the access table calls a route, and `explain` too. */
export const keyOf = ({ method, path }) => `${method} ${path}`;

export const methodBadge = (method) => element('span', { class: 'method', 'data-method': method }, method);

/** Lets one choose a route. */
export function startRoutes(handlers) {
  const routes = handlers.filter(isOfApi);
  const choices = routes.map((route, index) => {
    const key = keyOf(route);
    const input = element('input', { type: 'radio', name: 'route', value: key });
    input.checked = index === routes.findIndex(({ path }) => path === '/mines');
    return element(
      'label',
      { class: 'route' },
      input,
      methodBadge(route.method),
      ' ',
      element('span', { class: 'path' }, route.path),
    );
  });
  byId('routes').replaceChildren(...choices);
  const chosen = () => routes.find((route) => keyOf(route) === new FormData(byId('route-form')).get('route'));
  const showParameter = () => {
    const hasParameter = chosen().path.includes(':id');
    byId('parameter').hidden = !hasParameter;
    byId('mine').disabled = !hasParameter;
  };
  byId('routes').addEventListener('change', showParameter);
  showParameter();
  return chosen;
}

/** The path that is called. */
export const pathOf = ({ path }) => path.replace(':id', () => encodeURIComponent(byId('mine').value));
