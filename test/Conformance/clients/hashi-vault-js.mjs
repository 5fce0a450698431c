// Drives the server with the unmodified npm client hashi-vault-js. Prints one JSON line per check: {name, ok, detail}.
// Usage: node hashi-vault-js.mjs ADDRESS ROOT_TOKEN   (secret/ is KV 2, userpass and approle are enabled)
import Vault from 'hashi-vault-js';

const [address, root] = process.argv.slice(2);
const vault = new Vault({ https: false, baseUrl: `${address}/v1`, rootPath: 'secret', timeout: 10000, proxy: false });

// The client prints errors to the console: the results are the only lines that count.
const print = (result) => process.stdout.write(JSON.stringify(result) + '\n');
console.log = console.error = () => {};

async function check(name, run) {
  try {
    const detail = await run();
    print({ name, ok: true, detail: String(detail ?? '') });
  } catch (error) {
    print({ name, ok: false, detail: String(error?.message ?? error) });
  }
}
function same(actual, expected) {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (a !== b) throw new Error(`got ${a}, expected ${b}`);
}
async function refused(call) {
  try { await call(); } catch { return; }
  throw new Error('was not refused');
}

await check('health', async () => same((await vault.healthCheck()).sealed, false));
await check('seal status', async () => same((await vault.sealStatus()).initialized, true));
await check('host info', async () => same(typeof (await vault.sysHostInfo(root)).memory, 'object'));
await check('capabilities of self', async () => same((await vault.sysCapabilitiesSelf(root, ['secret/data/x'])).capabilities, ['root']));
let token;
await check('create, look up, renew and revoke a token', async () => {
  token = await vault.createToken(root, { policies: ['default'], ttl: '1h', renewable: true });
  same((await vault.lookupSelfToken(token.client_token)).policies, ['default']);
  same((await vault.lookupToken(root, token.client_token)).accessor, token.accessor);
  await vault.renewSelfToken(token.client_token, '10m');
  await vault.revokeAccessor(root, token.accessor);
  await refused(() => vault.lookupSelfToken(token.client_token));
});
await check('list accessors', async () => same((await vault.listAccessors(root)).keys.length > 0, true));
await check('kv 2: create, read, update, versions', async () => {
  same((await vault.createKVSecret(root, 'app', { a: '1' })).version, 1);
  same((await vault.updateKVSecret(root, 'app', { a: '2' }, 1)).version, 2);
  same((await vault.readKVSecret(root, 'app')).data, { a: '2' });
  same((await vault.readKVSecret(root, 'app', 1)).data, { a: '1' });
  same((await vault.listKVSecrets(root, '')).keys, ['app']);
  await refused(() => vault.updateKVSecret(root, 'app', { a: '3' }, 1));
});
await check('kv 2: delete, undelete, destroy, eliminate', async () => {
  await vault.deleteLatestVerKVSecret(root, 'app');
  await refused(() => vault.readKVSecret(root, 'app'));
  await vault.undeleteVersionsKVSecret(root, 'app', [2]);
  await vault.destroyVersionsKVSecret(root, 'app', [1]);
  same((await vault.readKVSecretMeta(root, 'app')).versions['1'].destroyed, true);
  await vault.eliminateKVSecret(root, 'app');
  await refused(() => vault.readKVSecretMeta(root, 'app'));
});
await check('userpass: user, login, wrong password', async () => {
  await vault.createUserpassUser(root, 'ann', 'correct horse', ['default'], 'auth/userpass');
  same((await vault.loginWithUserpass('ann', 'correct horse', 'auth/userpass')).policies, ['default']);
  await refused(() => vault.loginWithUserpass('ann', 'wrong', 'auth/userpass'));
  same((await vault.listUserpassUsers(root, 'auth/userpass')).keys, ['ann']);
  await vault.deleteUserpassUser(root, 'ann', 'auth/userpass');
});
