// The agent on a socket that the tests play; run by `node --test`.
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Backoff, endingOf, PictureSource, Workstation } from "../../../clients/javascript/facegate-workstation.js";

const NO_ACTION = { action: "NO_ACTION", reason: "EMPTY_REASON", actual_username: "ada" };
const LOCK = { action: "ACTION_LOCK_SCREEN", reason: "REASON_NO_FACE", actual_username: "ada" };
const SIGN_OUT = { action: "ACTION_SIGN_OUT", reason: "REASON_PHONE_DETECTION", actual_username: "ada" };
const PAUSED = { action: "ACTION_WARNING", reason: "REASON_PAUSED_CLIENT", actual_username: "ada" };
const BLOCKED = { action: "ACTION_ERROR", reason: "REASON_BLOCKED_CLIENT" };
const UNKNOWN = { action: "ACTION_ERROR", reason: "REASON_CLIENT_NOT_AVAILABLE" };
const BAD_PICTURE = { action: "ACTION_ERROR", reason: "INVALID_IMAGE_FORMAT", message: "not a picture" };
const REPLACED = { error: "AUTHENTICATION_FAILED", message: "another connection took over", code: 4001 };

const pause = (ms) => new Promise((give) => setTimeout(give, ms));

// Opens at once; says what it was told to, one answer to each picture, then closes.
function socketThatSays(scripts) {
  return class FakeSocket {
    static opened = [];
    sent = [];
    inFlight = 0;
    mostInFlight = 0;

    constructor(url) {
      this.url = url;
      const [answers, code] = scripts[Math.min(FakeSocket.opened.length, scripts.length - 1)];
      this.answers = [...answers];
      this.code = code;
      FakeSocket.opened.push(this);
      setTimeout(() => {
        this.onopen?.();
        this.#endIfDone();
      }, 1);
    }

    async send(text) {
      this.sent.push(JSON.parse(text));
      this.mostInFlight = Math.max(this.mostInFlight, ++this.inFlight);
      await pause(2);
      this.inFlight--;
      const answer = this.answers.shift();
      if (answer) this.onmessage?.({ data: JSON.stringify(answer) });
      this.#endIfDone();
    }

    close(code) {
      this.closedWith = code;
    }

    #endIfDone() {
      if (this.answers.length === 0 && this.code) setTimeout(() => this.onclose?.({ code: this.code }), 2);
    }
  };
}

function source(limit = Infinity) {
  let count = 0;
  return {
    smaller: 0,
    isClosed: false,
    async open() {},
    async newest() {
      return count++ < limit ? "AAAA" : null;
    },
    makeSmaller() {
      return ++this.smaller < 3;
    },
    close() {
      this.isClosed = true;
    },
  };
}

// Runs an agent until it stops or `until` holds; what it told.
async function life(scripts, until, options = {}) {
  const told = { states: [], verdicts: [], hooks: [], failures: [] };
  const WebSocket = socketThatSays(scripts);
  const backoff = new Backoff({ firstMs: 5, longestMs: 50, fullMs: 8, asksHumanMs: 12 });
  const agent = new Workstation({
    server: "ws://127.0.0.1:8000", user: "ada", source: source(), framesPerSecond: 50, WebSocket, backoff, ...options,
  });
  agent.addEventListener("state", ({ detail }) => told.states.push(detail));
  agent.addEventListener("verdict", ({ detail }) => told.verdicts.push(detail.reason));
  agent.addEventListener("failure", ({ detail }) => told.failures.push(detail.message));
  for (const name of ["lock", "signout"]) agent.addEventListener(name, () => told.hooks.push(name));
  await agent.start();
  const waits = () => told.states.filter(({ retryInMs }) => retryInMs !== null);
  for (let left = 1000; left && agent.state !== "stopped" && !until({ ...told, waits: waits() }); left--) await pause(2);
  agent.stop();
  return { ...told, waits: waits(), names: told.states.map(({ state }) => state), sockets: WebSocket.opened, agent };
}

test("waits are 5, 10, 20, 40 s, stretched by up to a half and never above a minute", () => {
  const least = new Backoff({ chance: () => 0 });
  assert.deepEqual([1, 2, 3, 4, 5].map(() => least.waitMs("lost")), [5000, 10000, 20000, 40000, 40000]);
  const most = new Backoff({ chance: () => 1 });
  assert.deepEqual([1, 2, 3, 4, 5].map(() => most.waitMs("lost")), [7500, 15000, 30000, 60000, 60000]);
  least.worked();
  assert.deepEqual(["lost", "full", "full", "unknown", "blocked"].map((kind) => least.waitMs(kind)),
    [5000, 30000, 30000, 600000, 600000]);
});

test("close codes", () => {
  const kinds = [[4000, null], [4001, UNKNOWN], [4001, null], [4001, BLOCKED], [4001, REPLACED], [4002, null], [1009, null],
    [1006, null]].map(([code, last]) => endingOf(code, last).kind);
  assert.deepEqual(kinds, ["lost", "unknown", "unknown", "blocked", "replaced", "full", "too large", "lost"]);
});

test("states follow the contract's diagram, one picture is in flight", async () => {
  const told = await life([[[NO_ACTION, NO_ACTION, PAUSED, NO_ACTION]]], ({ verdicts }) => verdicts.length === 4);
  assert.deepEqual(told.names,
    ["connecting", "connected", "processing", "connected", "processing", "paused", "connected", "stopped"]);
  assert.equal(told.sockets[0].mostInFlight, 1);
  assert.equal(told.sockets[0].url, "ws://127.0.0.1:8000/ws");
  assert.deepEqual(told.sockets[0].sent[0], { user_name: "ada", image: "AAAA" });
  assert.equal(told.sockets[0].closedWith, 1000);
});

test("a repeated violation asks for one lock, a sign-out does not wait for it", async () => {
  const script = [LOCK, LOCK, LOCK, SIGN_OUT, SIGN_OUT, LOCK];
  const told = await life([[script]], ({ verdicts }) => verdicts.length === 6);
  assert.deepEqual(told.hooks, ["lock", "signout"]);
});

test("a picture that cannot be used ends nothing", async () => {
  const told = await life([[[NO_ACTION, BAD_PICTURE, NO_ACTION]]], ({ verdicts }) => verdicts.length === 3);
  assert.deepEqual(told.waits, []);
  assert.deepEqual(told.hooks, []);
});

test("a lost connection is made again, later each time", async () => {
  const told = await life([[[], 4000]], ({ waits }) => waits.length === 4);
  const waits = told.waits.map(({ retryInMs }) => retryInMs);
  assert.deepEqual(waits, [...waits].sort((a, b) => a - b));
  assert.ok(waits[3] >= 4 * waits[0], String(waits));
  assert.equal(told.waits[0].state, "connecting");
});

for (const [said, state] of [[BLOCKED, "blocked"], [UNKNOWN, "rejected"]]) {
  test(`who is turned away is ${state} and waits long`, async () => {
    const told = await life([[[said], 4001]], ({ waits }) => waits.length === 2);
    assert.equal(told.waits[0].state, state);
    assert.ok(told.waits[0].why.includes("ask the administrator"));
    assert.ok(told.waits[0].retryInMs >= 12);
  });
}

test("a socket that only tells of an error counts as lost", async () => {
  class Broken {
    constructor() {
      setTimeout(() => this.onerror?.({}), 1);
    }
    close() {}
  }
  const told = await life([[[]]], ({ waits }) => waits.length === 2, { WebSocket: Broken });
  assert.equal(told.waits[0].state, "connecting");
});

test("who was replaced does not come back", async () => {
  const told = await life([[[NO_ACTION, REPLACED], 4001]], () => false);
  assert.deepEqual(told.names.slice(-2), ["rejected", "stopped"]);
  assert.equal(told.sockets.length, 1);
});

test("pictures that are too large get smaller", async () => {
  const pictures = source();
  const told = await life([[[], 1009]], ({ waits }) => waits.length === 3, { source: pictures });
  assert.equal(pictures.smaller, 3);
  assert.ok(told.waits[0].why.includes("smaller ones follow"));
});

test("a server that falls silent counts as lost", async () => {
  const told = await life([[[]]], ({ waits }) => waits.length === 2, { answerTimeoutMs: 30 });
  assert.ok(told.waits[0].why.includes("no answer"));
});

test("the end of the pictures is the end, a broken source too", async () => {
  const told = await life([[Array(9).fill(NO_ACTION)]], () => false, { source: source(3) });
  assert.equal(told.verdicts.length, 3);
  const broken = { ...source(), newest: () => Promise.reject(new Error("no camera")) };
  assert.deepEqual((await life([[[]]], () => false, { source: broken })).failures, ["no camera"]);
});

test("what cannot be meant is refused", () => {
  const options = { server: "ws://a", user: "ada", source: source(), WebSocket: class {} };
  for (const wrong of [{ server: "http://a" }, { user: "" }, { source: null }, { framesPerSecond: 0 }]) {
    assert.throws(() => new Workstation({ ...options, ...wrong }));
  }
});

test("a token goes into the address", async () => {
  const told = await life([[[NO_ACTION]]], ({ verdicts }) => verdicts.length === 1, { token: "fg_a+b" });
  assert.equal(told.sockets[0].url, "ws://127.0.0.1:8000/ws?token=fg_a%2Bb");
});

test("a folder of pictures", async () => {
  const folder = await mkdtemp(join(tmpdir(), "pictures-"));
  const once = new PictureSource(folder, { loop: false });
  await assert.rejects(once.open(), /holds no picture/);
  for (const name of ["b.jpg", "a.PNG", "notes.txt"]) await writeFile(join(folder, name), name);
  await once.open();
  const shown = [await once.newest(), await once.newest(), await once.newest()];
  assert.deepEqual(shown.map((image) => image && atob(image)), ["a.PNG", "b.jpg", null]);
  const loop = new PictureSource(folder);
  await loop.open();
  assert.deepEqual([await loop.newest(), await loop.newest(), await loop.newest()].map(atob), ["a.PNG", "b.jpg", "a.PNG"]);
  await rm(folder, { recursive: true });
});
