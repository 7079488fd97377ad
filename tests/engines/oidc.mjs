// A token server with consent pages for the tests, on 127.0.0.1 at the port that is given. Refresh tokens rotate, and one that is shown
// twice takes its whole family with it; so does a code. GET /told says how often each client
// was given tokens and how often not.
import Provider from 'oidc-provider';

const port = Number(process.argv[2]);
const redirect = 'http://127.0.0.1:8600/connect/callback/oidc';
const client = (client_id, more) => ({
  client_id,
  application_type: 'native',
  redirect_uris: [redirect],
  grant_types: ['authorization_code', 'refresh_token'],
  token_endpoint_auth_method: 'none',
  ...more,
});
const secret = { token_endpoint_auth_method: 'client_secret_basic', client_secret: 'the secret of the test, which is long enough' };
const seconds = (long, brief) => (ctx, token, of) => (of.clientId === 'brief' ? brief : long);

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: ['many', 'mixed', 'brief', 'replayed', 'revoked'].map((id) => client(id))
    .concat(['replayed-secret', 'revoked-secret'].map((id) => client(id, secret))),
  pkce: { required: () => true },
  features: { devInteractions: { enabled: true }, revocation: { enabled: true } },
  rotateRefreshToken: true,
  issueRefreshToken: async (ctx, of) => of.grantTypeAllowed('refresh_token'),
  expiresWithSession: () => false,
  ttl: { AccessToken: seconds(3600, 1), RefreshToken: seconds(86400, 1), Grant: 86400, Session: 86400, Interaction: 3600, AuthorizationCode: 600 },
  findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
});

const told = {};
const count = (how) => (ctx) => {
  const id = ctx.oidc?.client?.clientId;
  told[id] ??= { granted: 0, refused: 0 };
  told[id][how] += 1;
};
provider.on('grant.success', count('granted'));
provider.on('grant.error', count('refused'));
provider.use(async (ctx, next) => {
  if (ctx.path === '/told') ctx.body = told;
  else await next();
});
provider.listen(port, '127.0.0.1');
