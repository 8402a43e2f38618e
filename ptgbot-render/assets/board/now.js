// What time it is: this machine's, or what the clock of a rehearsal shows, which goes at its own speed from where it began.

const speed = Number(root.dataset.speed ?? 1);
const [begun, start] = [root.dataset.begun, root.dataset.start].map((time) => time ? Date.parse(time) : 0);
// What the event's clock shows at a moment of this machine's.
const eventTime = (moment = Date.now()) => start + (moment - begun) * speed;
