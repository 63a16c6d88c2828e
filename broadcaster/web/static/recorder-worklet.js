// The microphone's samples as they are, in blocks of about a twentieth of a second: nothing is encoded, nothing is lost.
"use strict";
const BLOCK = 2048;
registerProcessor("may-thu", class extends AudioWorkletProcessor {
  constructor() {
    super();
    this.block = new Int16Array(BLOCK);
    this.filled = 0;
    this.peak = 0;
    this.open = true;
    this.port.onmessage = () => { this.flush(); this.port.postMessage(null); this.open = false; };
  }

  flush() {
    const samples = this.block.slice(0, this.filled);
    this.port.postMessage({ samples, peak: this.peak }, [samples.buffer]);
    this.filled = 0;
    this.peak = 0;
  }

  process([channels]) {
    const count = channels.length ? channels[0].length : 0;
    for (let at = 0; at < count; at++) {
      let sum = 0;
      for (const channel of channels) sum += channel[at];
      const value = Math.max(-1, Math.min(1, sum / channels.length));
      this.peak = Math.max(this.peak, Math.abs(value));
      this.block[this.filled++] = Math.round(value * 32767);
      if (this.filled === BLOCK) this.flush();
    }
    return this.open;
  }
});
