// Drives the server with the unmodified npm client node-vault. Prints one JSON line per check: {name, ok, detail}.
// Usage: node node-vault.mjs ADDRESS   (an uninitialized server)
import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
const connect = require('node-vault');

const endpoint = process.argv[2];
const vault = connect({ apiVersion: 'v1', endpoint });

async function check(name, run) {
  try {
    const detail = await run();
    console.log(JSON.stringify({ name, ok: true, detail: String(detail ?? '') }));
  } catch (error) {
    console.log(JSON.stringify({ name, ok: false, detail: String(error?.message ?? error) }));
  }
}
function same(actual, expected) {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (a !== b) throw new Error(`got ${a}, expected ${b}`);
}
async function refused(call, text) {
  try { await call(); } catch (error) {
    if (!String(error.message).includes(text)) throw new Error(`refused with ${error.message}`);
    return;
  }
  throw new Error('was not refused');
}

let keys, root;
await check('initialized is false', async () => same((await vault.initialized()).initialized, false));
await check('init', async () => {
  const made = await vault.init({ secret_shares: 5, secret_threshold: 3 });
  ({ keys, root_token: root } = made);
  same([keys.length, made.keys_base64.length], [5, 5]);
});
await check('status while sealed', async () => same((await vault.status()).sealed, true));
await check('unseal with three shares', async () => {
  let last;
  for (const key of keys.slice(0, 3)) last = await vault.unseal({ key });
  same([last.sealed, last.t, last.n], [false, 3, 5]);
});
vault.token = root;
await check('health', async () => same((await vault.health()).initialized, true));
await check('mount kv 2', () => vault.mount({ mount_point: 'kv2', type: 'kv', options: { version: '2' }, description: 'two' }));
await check('mount kv 1', () => vault.mount({ mount_point: 'kv1', type: 'kv' }));
await check('mounts', async () => same((await vault.mounts())['kv2/'].options.version, '2'));
await check('mount in use', () => refused(() => vault.mount({ mount_point: 'kv1', type: 'kv' }), 'path is already in use at kv1/'));
await check('kv 1 life cycle', async () => {
  await vault.write('kv1/app', { value: 'a', n: 1 });
  same((await vault.read('kv1/app')).data, { value: 'a', n: 1 });
  same((await vault.list('kv1')).data.keys, ['app']);
  await vault.delete('kv1/app');
  await refused(() => vault.read('kv1/app'), '404');
});
await check('kv 2 versions', async () => {
  same((await vault.write('kv2/data/app', { data: { v: 'one' } })).data.version, 1);
  same((await vault.write('kv2/data/app', { data: { v: 'two' }, options: { cas: 1 } })).data.version, 2);
  same((await vault.read('kv2/data/app')).data.data, { v: 'two' });
  same((await vault.read('kv2/data/app?version=1')).data.data, { v: 'one' });
  await refused(() => vault.write('kv2/data/app', { data: {}, options: { cas: 1 } }), 'check-and-set parameter did not match the current version');
});
await check('kv 2 delete, undelete, destroy', async () => {
  await vault.delete('kv2/data/app');
  await refused(() => vault.read('kv2/data/app'), '404');
  await vault.write('kv2/undelete/app', { versions: [2] });
  same((await vault.read('kv2/data/app')).data.data, { v: 'two' });
  await vault.write('kv2/destroy/app', { versions: [1] });
  same((await vault.read('kv2/metadata/app')).data.versions['1'].destroyed, true);
  same((await vault.list('kv2/metadata')).data.keys, ['app']);
});
await check('policies, older family', async () => {
  await vault.addPolicy({ name: 'reader', rules: 'path "kv2/data/*" { capabilities = ["read"] }' });
  same((await vault.policies()).policies.includes('reader'), true);
  same((await vault.getPolicy({ name: 'reader' })).rules.includes('kv2/data/*'), true);
});
let limited;
await check('token create and lookup', async () => {
  limited = (await vault.tokenCreate({ policies: ['reader'], ttl: '1h', display_name: 'web' })).auth;
  vault.token = root; // this client goes on with the token it created
  same(limited.policies, ['default', 'reader']);
  same((await vault.tokenLookup({ token: limited.client_token })).data.display_name, 'token-web');
  same((await vault.tokenLookupAccessor({ accessor: limited.accessor })).data.id, '');
});
await check('token with rights only reads', async () => {
  const reader = connect({ apiVersion: 'v1', endpoint, token: limited.client_token });
  same((await reader.read('kv2/data/app')).data.data, { v: 'two' });
  await refused(() => reader.write('kv2/data/app', { data: {} }), 'permission denied');
  same((await reader.tokenLookupSelf()).data.accessor, limited.accessor);
  await reader.tokenRenewSelf({ increment: '30m' });
});
await check('token revoke', async () => {
  await vault.tokenRevoke({ token: limited.client_token });
  await refused(() => connect({ apiVersion: 'v1', endpoint, token: limited.client_token }).read('kv2/data/app'), 'permission denied');
});
await check('token role', async () => {
  await vault.addTokenRole({ role_name: 'ci', allowed_policies: 'reader', orphan: true });
  same((await vault.getTokenRole({ role_name: 'ci' })).data.orphan, true);
  await vault.removeTokenRole({ role_name: 'ci' });
});
await check('capabilities', async () => same((await vault.write('sys/capabilities-self', { paths: ['kv2/data/x'] })).data['kv2/data/x'], ['root']));
await check('userpass', async () => {
  await vault.enableAuth({ mount_point: 'userpass', type: 'userpass' });
  same((await vault.auths())['userpass/'].type, 'userpass');
  await vault.write('auth/userpass/users/ann', { password: 'correct horse', policies: 'reader' });
  const login = await connect({ apiVersion: 'v1', endpoint }).userpassLogin({ username: 'ann', password: 'correct horse' });
  same(login.auth.policies, ['default', 'reader']);
  await refused(() => connect({ apiVersion: 'v1', endpoint }).userpassLogin({ username: 'ann', password: 'wrong' }), 'invalid username or password');
});
await check('approle', async () => {
  await vault.enableAuth({ mount_point: 'approle', type: 'approle' });
  await vault.addApproleRole({ role_name: 'web', token_policies: 'reader' });
  const roleId = (await vault.getApproleRoleId({ role_name: 'web' })).data.role_id;
  const secretId = (await vault.getApproleRoleSecret({ role_name: 'web' })).data.secret_id;
  const login = await connect({ apiVersion: 'v1', endpoint }).approleLogin({ role_id: roleId, secret_id: secretId });
  same(login.auth.metadata.role_name, 'web');
  await refused(() => connect({ apiVersion: 'v1', endpoint }).approleLogin({ role_id: roleId, secret_id: 'no' }), 'invalid role or secret ID');
});
await check('wrapping', async () => {
  const wrapped = await vault.request({ path: '/kv2/data/app', method: 'GET', headers: { 'X-Vault-Wrap-TTL': '60s' } });
  const inside = await vault.unwrap({ token: wrapped.wrap_info.token });
  same(inside.data.data, { v: 'two' });
  await refused(() => vault.unwrap({ token: wrapped.wrap_info.token }), 'wrapping token is not valid or does not exist');
});
await check('revoke-prefix', () => vault.write('sys/revoke-prefix/kv1', {}));
await check('audits', async () => same(typeof (await vault.audits()), 'object'));
await check('remount', async () => {
  await vault.remount({ from: 'kv1', to: 'moved' });
  same(Boolean((await vault.mounts())['moved/']), true);
  await vault.unmount({ mount_point: 'moved' });
});
await check('rotate and key status', async () => {
  await vault.rotate();
  same((await vault.read('sys/key-status')).data.term, 2);
});
await check('rekey', async () => {
  const started = await vault.write('sys/rekey/init', { secret_shares: 1, secret_threshold: 1 });
  let last;
  for (const key of keys.slice(1, 4)) last = await vault.write('sys/rekey/update', { key, nonce: started.nonce });
  same(last.complete, true);
  keys = last.keys;
});
await check('generate root', async () => {
  const started = await vault.write('sys/generate-root/attempt', {});
  const done = await vault.write('sys/generate-root/update', { key: keys[0], nonce: started.nonce });
  const encoded = Buffer.from(done.encoded_token, 'base64');
  const token = Buffer.from(encoded.map((byte, i) => byte ^ started.otp.charCodeAt(i))).toString('latin1');
  same((await connect({ apiVersion: 'v1', endpoint, token }).tokenLookupSelf()).data.policies, ['root']);
});
await check('seal and unseal', async () => {
  await vault.seal();
  for (let i = 0; i < 100 && !(await vault.status()).sealed; i++) await new Promise((r) => setTimeout(r, 20));
  await refused(() => vault.read('kv2/data/app'), 'Vault is sealed');
  same((await vault.unseal({ key: keys[0] })).sealed, false);
  same((await vault.read('kv2/data/app')).data.data, { v: 'two' });
});
