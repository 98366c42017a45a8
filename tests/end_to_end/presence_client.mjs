// A workstation's agent in JavaScript with the logic of the documented client: it connects, sends pictures one
// after the other, acts on each answer and reads the close code. It writes what it did as one JSON line each.
//
//   node --experimental-websocket presence_client.mjs ws://127.0.0.1:8000/ws USER PICTURE...
import { readFileSync } from "node:fs";

const [url, userName, ...pictures] = process.argv.slice(2);
const tell = (what) => console.log(JSON.stringify(what));

const onAction = {
  NO_ACTION: () => "continue",
  ACTION_LOCK_SCREEN: () => "lock",
  ACTION_SIGN_OUT: () => "sign out",
  ACTION_WARNING: (reason) => `warn ${reason}`,
  ACTION_ERROR: (reason) => `error ${reason}`,
};

const onClose = { 4000: "reconnect", 4001: "authentication failed", 4002: "wait and reconnect" };

const socket = new WebSocket(url);
let sent = 0;

const sendNext = () => {
  if (sent === pictures.length) {
    socket.close(1000);
    return;
  }
  const image = readFileSync(pictures[sent++]).toString("base64");
  socket.send(JSON.stringify({ user_name: userName, image }));
};

socket.onopen = sendNext;
socket.onmessage = (event) => {
  const answer = JSON.parse(event.data);
  const act = onAction[answer.action];
  tell({ answer, did: act ? act(answer.reason) : "nothing" });
  if (act) sendNext();
};
socket.onclose = (event) => {
  tell({ closed: event.code, did: onClose[event.code] ?? "ended" });
};
socket.onerror = () => tell({ failed: true });
