import { code } from './element.js';

const spelled = (role) => (typeof role === 'string' ? role : `${role.any.join(' or ')} of ${role.client}`);

const listed = (before, names) => [
  `${before} `,
  ...names.flatMap((name, index) => [index === 0 ? '' : ', ', code(name)]),
];

/** What a good token lacks for a route; undefined where it lacks nothing, or is refused for what it is. */
export function missingOf({ code: refusal, principal }, { clients, roles, allRoles, scopes }) {
  switch (refusal) {
    case 'client_not_allowed':
      return listed('a token of client', clients.names);
    case 'missing_a_valid_role':
      return listed('any role of', roles.names.map(spelled));
    case 'missing_required_roles':
      return listed(
        'every role of',
        allRoles.names.filter((role) => !principal?.roles.includes(role)),
      );
    case 'missing_scope':
      return listed(
        'every scope of',
        scopes.names.filter((scope) => !principal?.scopes.includes(scope)),
      );
    default:
      return undefined;
  }
}
