// Checks of one client: each prints {"name","ok","detail"} on a line of its own and does not stop the next.
import assert from 'node:assert/strict';

export async function check(name, body) {
    try {
        await body();
        console.log(JSON.stringify({ name, ok: true, detail: '' }));
    } catch (error) {
        const status = error.response?.statusCode ?? error.response?.status ?? '';
        console.log(JSON.stringify({ name, ok: false, detail: `${error.message} ${status} ${error.stack?.split('\n').find((l) => l.includes('.mjs')) ?? ''}`.trim() }));
    }
}

// The call fails with this status, and with this text where the client hands one on.
export async function refused(promise, status, text) {
    let error;
    try {
        await promise;
    } catch (thrown) {
        error = thrown;
    }
    assert.ok(error, `expected ${status}, but it succeeded`);
    assert.equal(error.response?.statusCode ?? error.response?.status, status, `${error.message}: status`);
    if (text !== undefined) assert.match(error.response.data?.errors?.[0] ?? error.message, text);
}
