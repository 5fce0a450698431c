// Drives node-vault against a server that is not yet initialized (CANDLEFISH_TEST_ADDR), through a whole life.
// Every answer is held against the schema that the client's own command table has for it.
import assert from 'node:assert/strict';
import nodeVault from 'node-vault';
import tv4 from 'tv4';
import { check, refused } from './checks.mjs';

const endpoint = process.env.CANDLEFISH_TEST_ADDR;
const vault = nodeVault({ endpoint });
const as = (token) => nodeVault({ endpoint, token });

// Vault says null for what an answer has not; the schemas of the client leave such members out.
const withoutNulls = (value) =>
    Array.isArray(value) ? value.map(withoutNulls)
        : value && typeof value === 'object' ? Object.fromEntries(Object.entries(value).filter(([, v]) => v !== null).map(([k, v]) => [k, withoutNulls(v)]))
            : value;

async function call(name, args, client = vault) {
    const answer = await client[name](args);
    const schema = client.commands[name].schema?.res;
    if (schema) {
        const result = tv4.validateResult(withoutNulls(answer), schema);
        assert.ok(result.valid, `${name}: ${result.error?.message} at ${result.error?.dataPath}`);
    }
    return answer;
}

const state = { keys: [], root: '' };

await check('uninitialized health', async () => {
    const health = await call('health');
    assert.equal(health.initialized, false);
    assert.equal(health.sealed, true);
});
await check('uninitialized status', async () => {
    assert.equal((await call('initialized')).initialized, false);
    const status = await vault.status();
    assert.equal(status.sealed, true);
    assert.equal(status.initialized, false);
});
await check('uninitialized request', () => refused(as('hvs.none').read('secret/data/a'), 503, /Vault is sealed|not initialized/));
await check('init', async () => {
    const init = await call('init', { secret_shares: 3, secret_threshold: 2 });
    assert.equal(init.keys.length, 3);
    assert.equal(init.keys_base64.length, 3);
    Object.assign(state, { keys: init.keys, root: init.root_token });
});
await check('init twice', () => refused(vault.init({ secret_shares: 1, secret_threshold: 1 }), 400, /^Vault is already initialized$/));
await check('sealed health', async () => {
    const health = await call('health');
    assert.deepEqual([health.initialized, health.sealed], [true, true]);
    assert.equal((await call('health', { sealedcode: 200 })).sealed, true);
});
await check('sealed request', () => refused(as(state.root).mounts(), 503, /^Vault is sealed$/));
await check('unseal', async () => {
    const first = await call('unseal', { key: state.keys[0] });
    assert.deepEqual([first.sealed, first.t, first.n, first.progress], [true, 2, 3, 1]);
    assert.equal((await call('unseal', { reset: true })).progress, 0);
    await call('unseal', { key: state.keys[0] });
    assert.equal((await call('unseal', { key: state.keys[2] })).sealed, false);
});
await check('unsealed health, status and leader', async () => {
    const health = await call('health');
    assert.deepEqual([health.initialized, health.sealed, health.standby], [true, false, false]);
    assert.equal((await call('status')).sealed, false);
    assert.equal(typeof (await call('leader')).ha_enabled, 'boolean');
});
await check('missing token', () => refused(vault.read('secret/data/a'), 403, /permission denied|missing client token/));

const root = as(state.root);
const rootCall = (name, args) => call(name, args, root);

await check('mounts', async () => {
    assert.equal((await rootCall('mounts')).data['sys/'].type, 'system');
    await rootCall('mount', { mount_point: 'secret', type: 'kv', description: 'versions', options: { version: '2' } });
    await rootCall('mount', { mount_point: 'plain', type: 'kv', options: { version: '1' } });
    const { data } = await rootCall('mounts');
    assert.deepEqual([data['secret/'].type, data['secret/'].options.version, data['secret/'].description], ['kv', '2', 'versions']);
    await refused(root.mount({ mount_point: 'secret', type: 'kv' }), 400, /^path is already in use at secret\/$/);
    await refused(root.mount({ mount_point: 'other', type: 'nothing' }), 400, /plugin not found|unknown|unsupported/);
});
await check('mount tuning', async () => {
    await root.write('sys/mounts/plain/tune', { default_lease_ttl: '1h', max_lease_ttl: '2h', description: 'tuned' });
    const tune = await root.read('sys/mounts/plain/tune');
    assert.deepEqual([tune.default_lease_ttl, tune.max_lease_ttl, tune.description], [3600, 7200, 'tuned']);
});
await check('remount and unmount', async () => {
    await rootCall('mount', { mount_point: 'moving', type: 'kv' });
    await root.write('moving/a', { b: 'c' });
    await rootCall('remount', { from: 'moving', to: 'moved' });
    let moved;
    for (let i = 0; i < 50 && !moved; i++) {
        moved = await root.read('moved/a').catch(() => undefined);
        if (!moved) await new Promise((r) => setTimeout(r, 50));
    }
    assert.equal(moved.data.b, 'c');
    await rootCall('unmount', { mount_point: 'moved' });
    await refused(root.read('moved/a'), 404, /no handler for route/);
});
await check('kv version 2', async () => {
    assert.equal((await root.write('secret/data/app', { data: { password: 'one' }, options: { cas: 0 } })).data.version, 1);
    await refused(root.write('secret/data/app', { data: {}, options: { cas: 0 } }), 400, /^check-and-set parameter did not match the current version$/);
    assert.equal((await root.write('secret/data/app', { data: { password: 'two', user: 'ann' } })).data.version, 2);
    assert.equal((await root.update('secret/data/app', { data: { user: 'ben' } })).data.version, 3);
    const latest = await root.read('secret/data/app');
    assert.deepEqual(latest.data.data, { password: 'two', user: 'ben' });
    assert.equal(latest.data.metadata.version, 3);
    assert.equal((await root.read('secret/data/app?version=1')).data.data.password, 'one');
    await root.delete('secret/data/app');
    await refused(root.read('secret/data/app'), 404);
    await root.write('secret/undelete/app', { versions: [3] });
    await rootCall('destroySecretVersions', { path: 'app', versions: [1] });
    await root.write('secret/metadata/app', { max_versions: 5, custom_metadata: { owner: 'team' } });
    const { data } = await root.read('secret/metadata/app');
    assert.equal(data.versions['1'].destroyed, true);
    assert.equal(data.custom_metadata.owner, 'team');
    assert.deepEqual((await root.list('secret/metadata')).data.keys, ['app']);
    await root.delete('secret/metadata/app');
    await refused(root.list('secret/metadata'), 404);
});
await check('kv version 1', async () => {
    await root.write('plain/app/a', { value: 'x', ttl: '30m' });
    const read = await root.read('plain/app/a');
    assert.equal(read.data.value, 'x');
    assert.equal(read.lease_duration, 1800);
    assert.deepEqual((await root.list('plain')).data.keys, ['app/']);
    await root.delete('plain/app/a');
    await refused(root.read('plain/app/a'), 404);
    const getOnly = nodeVault({ endpoint, token: state.root, noCustomHTTPVerbs: true });
    await root.write('plain/b', { value: 'y' });
    assert.deepEqual((await getOnly.list('plain')).data.keys, ['b']);
});
await check('policies', async () => {
    const rules = 'path "secret/data/app/*" { capabilities = ["create", "read", "update"] }\npath "plain/*" { capabilities = ["read", "list"] }';
    await rootCall('addPolicy', { name: 'app', rules });
    assert.ok((await rootCall('policies')).policies.includes('app'));
    assert.equal((await rootCall('getPolicy', { name: 'app' })).rules, rules);
    await root.write('sys/policies/acl/second', { policy: rules });
    assert.equal((await root.read('sys/policies/acl/second')).data.policy, rules);
    assert.ok((await root.list('sys/policies/acl')).data.keys.includes('second'));
    await rootCall('removePolicy', { name: 'second' });
    await refused(root.read('sys/policies/acl/second'), 404);
    await refused(root.addPolicy({ name: 'bad', rules: 'path "a" {' }), 400);
    await refused(root.removePolicy({ name: 'default' }), 400, /cannot delete .*default/);
});
await check('tokens', async () => {
    const parent = as(state.root);
    const created = await call('tokenCreate', { policies: ['app'], ttl: '1h', meta: { user: 'ann' }, display_name: 'ann', num_uses: 0, renewable: true }, parent);
    assert.deepEqual(created.auth.policies, ['app', 'default']);
    assert.equal(created.auth.lease_duration, 3600);
    const token = created.auth.client_token;
    assert.equal(parent.token, token);
    assert.deepEqual((await rootCall('tokenLookup', { token })).data.meta, { user: 'ann' });
    assert.equal((await rootCall('tokenLookupAccessor', { accessor: created.auth.accessor })).data.display_name, 'token-ann');
    assert.equal((await rootCall('tokenLookupAccessor', { accessor: created.auth.accessor })).data.id, '');
    assert.equal((await call('tokenLookupSelf', undefined, as(token))).data.path, 'auth/token/create');
    assert.equal((await call('tokenRenew', { token, increment: 1800 }, as(state.root))).auth.client_token, token);
    assert.equal((await call('tokenRenewSelf', { increment: 900 }, as(token))).auth.renewable, true);
    assert.ok((await rootCall('tokenAccessors')).data.keys.includes(created.auth.accessor));
    await root.write('secret/data/app/of-token', { data: { a: 'b' } });
    assert.equal((await as(token).read('secret/data/app/of-token')).data.data.a, 'b');
    await refused(as(token).delete('secret/data/app/of-token'), 403, /permission denied/);
    await root.delete('secret/metadata/app/of-token');
    await refused(as(token).mounts(), 403, /permission denied/);
    await rootCall('tokenRevoke', { token });
    await refused(as(token).tokenLookupSelf(), 403, /permission denied|bad token/);
    await refused(root.tokenLookup({ token }), 403, /bad token/);
});
await check('orphans and revocation', async () => {
    const make = async (name, args) => (await call(name, args, as(state.root))).auth;
    const orphan = await make('tokenCreateOrphan', { policies: ['app'], ttl: '1h' });
    assert.equal((await rootCall('tokenLookup', { token: orphan.client_token })).data.orphan, true);
    await rootCall('tokenRevokeAccessor', { accessor: orphan.accessor });
    const parent = await make('tokenCreate', { policies: ['root'] });
    const child = (await call('tokenCreate', { ttl: '1h' }, as(parent.client_token))).auth;
    await rootCall('tokenRevokeOrphan', { token: parent.client_token });
    assert.equal((await call('tokenLookupSelf', undefined, as(child.client_token))).data.orphan, true);
    await call('tokenRevokeSelf', undefined, as(child.client_token));
    await refused(as(child.client_token).tokenLookupSelf(), 403);
});
await check('token roles', async () => {
    await rootCall('addTokenRole', { role_name: 'ci', allowed_policies: 'app', period: 3600, orphan: true, renewable: true });
    const role = (await rootCall('getTokenRole', { role_name: 'ci' })).data;
    assert.deepEqual([role.allowed_policies, role.orphan], [['app'], true]);
    assert.deepEqual((await rootCall('tokenRoles')).data.keys, ['ci']);
    const created = await call('tokenCreateRole', { role_name: 'ci' }, as(state.root));
    assert.equal(created.auth.lease_duration, 3600);
    await rootCall('removeTokenRole', { role_name: 'ci' });
    await refused(root.getTokenRole({ role_name: 'ci' }), 404);
});
await check('automatic renewal', async () => {
    const token = (await as(state.root).tokenCreate({ ttl: '3s', policies: ['default'] })).auth.client_token;
    const client = as(token);
    // The client's own timer does not keep Node alive; this one does.
    let limit;
    const renewed = new Promise((resolve, reject) => {
        client.once('token:renewed', resolve);
        client.once('token:error:renew', reject);
        limit = setTimeout(() => reject(new Error('was not renewed')), 10000);
    });
    await client.startTokenRenewal({ ttl: 1 });
    assert.ok((await renewed).auth.lease_duration > 0);
    client.stopAllRenewals();
    clearTimeout(limit);
});
await check('auth methods', async () => {
    await rootCall('enableAuth', { mount_point: 'userpass', type: 'userpass', description: 'people' });
    await rootCall('enableAuth', { mount_point: 'approle', type: 'approle' });
    await rootCall('enableAuth', { mount_point: 'other', type: 'userpass' });
    const { data } = await rootCall('auths');
    assert.deepEqual([data['userpass/'].description, data['token/'].type], ['people', 'token']);
    await root.write('sys/auth/other/tune', { max_lease_ttl: '2h' });
    assert.equal((await root.read('sys/auth/other/tune')).max_lease_ttl, 7200);
    await rootCall('disableAuth', { mount_point: 'other' });
    assert.equal((await rootCall('auths')).data['other/'], undefined);
    await refused(root.enableAuth({ mount_point: 'userpass', type: 'userpass' }), 400, /^path is already in use at userpass\/$/);
});
await check('userpass login', async () => {
    await root.write('auth/userpass/users/ann', { password: 'correct horse battery', token_policies: 'app', token_ttl: '1h' });
    const client = nodeVault({ endpoint });
    const login = await call('userpassLogin', { username: 'ann', password: 'correct horse battery' }, client);
    assert.deepEqual([login.auth.metadata, login.auth.lease_duration, client.token], [{ username: 'ann' }, 3600, login.auth.client_token]);
    await refused(nodeVault({ endpoint }).userpassLogin({ username: 'ann', password: 'wrong' }), 400, /^invalid username or password$/);
    await refused(nodeVault({ endpoint }).userpassLogin({ username: 'nobody', password: 'wrong' }), 400, /^invalid username or password$/);
});
await check('approle login', async () => {
    await rootCall('addApproleRole', { role_name: 'ci', policies: 'app', token_ttl: 600 });
    assert.deepEqual((await rootCall('approleRoles')).data.keys, ['ci']);
    assert.deepEqual((await rootCall('getApproleRole', { role_name: 'ci' })).data.token_policies, ['app']);
    const { role_id } = (await rootCall('getApproleRoleId', { role_name: 'ci' })).data;
    const { secret_id, secret_id_accessor } = (await rootCall('getApproleRoleSecret', { role_name: 'ci', metadata: '{"build":"7"}' })).data;
    const login = await call('approleLogin', { role_id, secret_id }, nodeVault({ endpoint }));
    assert.ok(login.auth.policies.includes('app'));
    assert.equal((await rootCall('approleSecretLookup', { role_name: 'ci', secret_id })).data.metadata.build, '7');
    assert.deepEqual((await rootCall('approleSecretAccessors', { role_name: 'ci' })).data.keys, [secret_id_accessor]);
    await root.approleSecretAccessorLookup({ role_name: 'ci', secret_id_accessor });
    await rootCall('approleSecretDestroy', { role_name: 'ci', secret_id });
    await refused(nodeVault({ endpoint }).approleLogin({ role_id, secret_id }), 400, /^invalid role or secret ID$/);
    await refused(nodeVault({ endpoint }).approleLogin({ role_id: 'none', secret_id: 'none' }), 400, /^invalid role or secret ID$|^invalid role ID$/);
    await rootCall('updateApproleRoleId', { role_name: 'ci', role_id: 'chosen' });
    assert.equal((await rootCall('getApproleRoleId', { role_name: 'ci' })).data.role_id, 'chosen');
    await rootCall('deleteApproleRole', { role_name: 'ci' });
    await refused(root.getApproleRole({ role_name: 'ci' }), 404);
});
await check('wrapping', async () => {
    await root.write('secret/data/wrapped', { data: { a: 'b' } });
    const wrapped = await root.read('secret/data/wrapped', { headers: { 'X-Vault-Wrap-TTL': '60s' } });
    assert.equal(wrapped.wrap_info.ttl, 60);
    assert.equal((await root.write('sys/wrapping/lookup', { token: wrapped.wrap_info.token })).data.creation_path, 'secret/data/wrapped');
    assert.equal((await rootCall('unwrap', { token: wrapped.wrap_info.token })).data.data.a, 'b');
    await refused(root.unwrap({ token: wrapped.wrap_info.token }), 400, /^wrapping token is not valid or does not exist$/);
    const own = await root.write('sys/wrapping/wrap', { c: 'd' }, { headers: { 'X-Vault-Wrap-TTL': '60' } });
    assert.equal((await as(own.wrap_info.token).unwrap()).data.c, 'd');
});
await check('leases', async () => {
    await refused(root.renew({ lease_id: 'secret/none/1' }), 400, /lease not found/);
    await rootCall('revoke', { lease_id: 'secret/none/1' });
    await rootCall('revokePrefix', { path_prefix: 'secret/none' });
    const login = await nodeVault({ endpoint }).userpassLogin({ username: 'ann', password: 'correct horse battery' });
    await rootCall('revokePrefix', { path_prefix: 'auth/userpass' });
    await refused(as(login.auth.client_token).tokenLookupSelf(), 403);
});
await check('audit devices', async () => {
    const before = Object.keys((await rootCall('audits')).data ?? {}).length;
    await rootCall('enableAudit', { name: 'extra', type: 'file', options: { file_path: process.env.CANDLEFISH_TEST_AUDIT } });
    const { data } = await rootCall('audits');
    assert.equal(Object.keys(data).length, before + 1);
    assert.equal(data['extra/'].options.file_path, process.env.CANDLEFISH_TEST_AUDIT);
    assert.match((await root.write('sys/audit-hash/extra', { input: 'a' })).hash, /^hmac-sha256:[0-9a-f]{64}$/);
    await rootCall('disableAudit', { name: 'extra' });
});
await check('capabilities', async () => {
    assert.deepEqual((await root.write('sys/capabilities-self', { paths: ['secret/data/app/a'] })).data['secret/data/app/a'], ['root']);
    const token = (await as(state.root).tokenCreate({ policies: ['app'], ttl: '1h' })).auth.client_token;
    const { data } = await root.write('sys/capabilities', { token, paths: ['secret/data/app/a', 'sys/raw'] });
    assert.deepEqual([data['secret/data/app/a'].sort(), data['sys/raw']], [['create', 'read', 'update'], ['deny']]);
    assert.deepEqual((await as(token).write('sys/capabilities-self', { paths: ['plain/a'] })).capabilities.sort(), ['list', 'read']);
});
await check('tools', async () => {
    assert.equal(Buffer.from((await root.write('sys/tools/random/16', {})).data.random_bytes, 'base64').length, 16);
    assert.equal((await root.write('sys/tools/hash', { input: 'YWJj' })).data.sum, 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});
await check('help', async () => assert.equal(typeof (await root.help('sys/mounts')).help, 'string'));
await check('rotate', async () => {
    const before = (await root.read('sys/key-status')).term;
    await rootCall('rotate');
    assert.equal((await root.read('sys/key-status')).term, before + 1);
});
await check('generate root', async () => {
    const started = await rootCall('generateRootInit');
    assert.equal(started.started, true);
    await rootCall('generateRootCancel');
    const { nonce, otp } = await rootCall('generateRootInit');
    assert.equal((await rootCall('generateRootUpdate', { key: state.keys[0], nonce })).progress, 1);
    const done = await rootCall('generateRootUpdate', { key: state.keys[1], nonce });
    assert.equal(done.complete, true);
    const encoded = Buffer.from(done.encoded_root_token, 'base64');
    const token = Buffer.from(encoded.map((b, i) => b ^ Buffer.from(otp)[i])).toString();
    assert.deepEqual((await call('tokenLookupSelf', undefined, as(token))).data.policies, ['root']);
});
await check('rekey', async () => {
    const { nonce } = await root.write('sys/rekey/init', { secret_shares: 1, secret_threshold: 1 });
    await root.write('sys/rekey/update', { key: state.keys[0], nonce });
    const done = await root.write('sys/rekey/update', { key: state.keys[1], nonce });
    assert.equal(done.complete, true);
    state.keys = done.keys;
});
await check('seal', async () => {
    await rootCall('seal');
    assert.equal((await call('status')).sealed, true);
    assert.equal((await call('unseal', { key: state.keys[0] })).sealed, false);
    assert.equal((await root.read('secret/data/wrapped')).data.data.a, 'b');
});
await check('unknown route', () => refused(root.read('nothing/here'), 404, /no handler for route/));
