// Drives hashi-vault-js over TLS against an unsealed server: CANDLEFISH_TEST_ADDR, CANDLEFISH_TEST_CA, CANDLEFISH_TEST_TOKEN, CANDLEFISH_TEST_KEY.
// Its backends are mounted before.
import assert from 'node:assert/strict';
import Vault from 'hashi-vault-js';
import { check, refused } from './checks.mjs';

const token = process.env.CANDLEFISH_TEST_TOKEN;
const key = process.env.CANDLEFISH_TEST_KEY;
const vault = new Vault({ https: true, cacert: process.env.CANDLEFISH_TEST_CA, baseUrl: `${process.env.CANDLEFISH_TEST_ADDR}/v1`, timeout: 20000 });

await check('health over tls', async () => assert.deepEqual([(await vault.healthCheck()).initialized, (await vault.healthCheck({ standbyok: true })).sealed], [true, false]));
await check('seal status', async () => {
    const status = await vault.sealStatus();
    assert.deepEqual([status.sealed, status.t, status.n], [false, 1, 1]);
});
await check('host info', async () => assert.equal(typeof (await vault.sysHostInfo(token)).memory, 'object'));
await check('untrusted certificate', async () => {
    const distrusting = new Vault({ https: true, baseUrl: `${process.env.CANDLEFISH_TEST_ADDR}/v1`, timeout: 20000 });
    await assert.rejects(distrusting.healthCheck(), (e) => /certificate|self-signed|issuer/i.test(e.message) || /CERT|ISSUER/.test(e.code));
});
await check('capabilities', async () => {
    const { paths: _, ...self } = await vault.sysCapabilitiesSelf(token, ['kv/data/a']);
    assert.deepEqual(self['kv/data/a'], ['root']);
    assert.deepEqual((await vault.sysCapabilities(token, token, ['kv/data/a'])).capabilities, ['root']);
});
await check('metrics', async () => {
    assert.match(await vault.sysMetrics(token, 'prometheus'), /^# /m);
});
await check('tokens', async () => {
    const created = await vault.createToken(token, { policies: ['default'], ttl: '1h', meta: { a: 'b' } });
    assert.equal(created.lease_duration, 3600);
    assert.deepEqual((await vault.lookupToken(token, created.client_token)).meta, { a: 'b' });
    assert.equal((await vault.lookupSelfToken(created.client_token)).ttl > 3500, true);
    assert.equal((await vault.renewToken(token, created.client_token, '30m')).client_token, created.client_token);
    assert.equal((await vault.renewSelfToken(created.client_token, '30m')).renewable, true);
    assert.ok((await vault.listAccessors(token)).keys.includes(created.accessor));
    assert.equal((await vault.lookupAccessor(token, created.accessor)).accessor, created.accessor);
    assert.equal((await vault.renewAccessor(token, created.accessor, '20m')).accessor, created.accessor);
    assert.equal((await vault.revokeAccessor(token, created.accessor)).status, 204);
    await refused(vault.lookupSelfToken(created.client_token), 403, /permission denied|bad token/);
    const second = await vault.createToken(token, { policies: ['default'], type: 'batch', renewable: false, ttl: '1h' });
    assert.equal(second.token_type, 'batch');
    const third = await vault.createToken(token, { no_parent: true, ttl: '1h' });
    assert.equal(third.orphan, true);
    assert.equal((await vault.revokeSelfToken(third.client_token)).status, 204);
    const fourth = await vault.createToken(token, { ttl: '1h' });
    assert.equal((await vault.revokeToken(token, fourth.client_token)).status, 204);
});
await check('kv version 2', async () => {
    await vault.updateKVEngineConfig(token, { max_versions: 7, cas_required: false, delete_version_after: '0s' }, 'kv');
    assert.equal((await vault.readKVEngineConfig(token, 'kv')).max_versions, 7);
    assert.equal((await vault.createKVSecret(token, 'app', { user: 'ann' }, 'kv')).version, 1);
    await refused(vault.createKVSecret(token, 'app', { user: 'ben' }, 'kv'), 400, /check-and-set parameter did not match/);
    assert.equal((await vault.updateKVSecret(token, 'app', { user: 'ben' }, 1, 'kv')).version, 2);
    assert.deepEqual((await vault.readKVSecret(token, 'app', 1, 'kv')).data, { user: 'ann' });
    assert.equal((await vault.readKVSecret(token, 'app', undefined, 'kv')).metadata.version, 2);
    assert.equal((await vault.deleteLatestVerKVSecret(token, 'app', 'kv')).status, 204);
    await refused(vault.readKVSecret(token, 'app', 2, 'kv'), 404);
    assert.equal((await vault.undeleteVersionsKVSecret(token, 'app', [2], 'kv')).status, 204);
    assert.equal((await vault.deleteVersionsKVSecret(token, 'app', [1], 'kv')).status, 204);
    assert.equal((await vault.destroyVersionsKVSecret(token, 'app', [1], 'kv')).status, 204);
    await vault.createKVSecretMeta(token, 'app', { max_versions: 3, custom_metadata: { owner: 'team' } }, 'kv');
    await vault.updateKVSecretMeta(token, 'app', { custom_metadata: { owner: 'other' } }, 'kv');
    const meta = await vault.readKVSecretMeta(token, 'app', 'kv');
    assert.deepEqual([meta.versions['1'].destroyed, meta.custom_metadata], [true, { owner: 'other' }]);
    assert.deepEqual((await vault.listKVSecrets(token, '', 'kv')).keys, ['app']);
    assert.equal((await vault.eliminateKVSecret(token, 'app', 'kv')).status, 204);
    await refused(vault.readKVSecretMeta(token, 'app', 'kv'), 404);
});
await check('userpass', async () => {
    assert.equal((await vault.createUserpassUser(token, 'ann', 'correct horse battery', ['default'])).status, 204);
    const login = await vault.loginWithUserpass('ann', 'correct horse battery');
    assert.deepEqual([login.metadata, login.token_policies], [{ username: 'ann' }, ['default']]);
    await refused(vault.loginWithUserpass('ann', 'wrong'), 400, /^invalid username or password$/);
    assert.equal((await vault.updateUserpassPassword(token, 'ann', 'another horse battery')).status, 204);
    assert.equal((await vault.updateUserpassPolicies(token, 'ann', ['default', 'app'])).status, 204);
    assert.deepEqual((await vault.listUserpassUsers(token)).keys, ['ann']);
    assert.ok((await vault.readUserpassUser(token, 'ann')).token_policies);
    assert.equal((await vault.loginWithUserpass('ann', 'another horse battery')).renewable, true);
    assert.equal((await vault.deleteUserpassUser(token, 'ann')).status, 204);
    await refused(vault.readUserpassUser(token, 'ann'), 404);
});
await check('approle', async () => {
    const roleId = process.env.CANDLEFISH_TEST_ROLE_ID;
    const issued = await vault.generateAppRoleSecretId(token, 'ci', '{"build":"7"}');
    const login = await vault.loginWithAppRole(roleId, issued.secret_id);
    assert.equal(login.metadata.role_name, 'ci');
    assert.equal((await vault.readAppRoleSecretId(token, 'ci', issued.secret_id)).metadata.build, '7');
    assert.equal((await vault.destroyAppRoleSecretId(token, 'ci', issued.secret_id)).status, 204);
    await refused(vault.loginWithAppRole(roleId, issued.secret_id), 400, /^invalid role or secret ID$/);
});
await check('denied', async () => {
    const created = await vault.createToken(token, { policies: ['default'], ttl: '1h' });
    await refused(vault.readKVSecret(created.client_token, 'app', undefined, 'kv'), 403, /permission denied/);
    await refused(vault.listAccessors('hvs.nothing'), 403, /permission denied/);
});
await check('seal and unseal', async () => {
    await vault.sysSeal(token);
    await refused(vault.lookupSelfToken(token), 503, /^Vault is sealed$/);
    await assert.rejects(vault.healthCheck(), (e) => e.response.status === 503 && e.response.data.sealed === true);
    assert.equal((await vault.sysUnseal(token, key, false, false)).sealed, false);
});
