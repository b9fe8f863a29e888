#include "web/factors/work_script.h"

namespace zw {
namespace {

// SHA-256 (FIPS 180-4) of short texts by a loop of its own: a call of WebCrypto for each takes ten times as
// long as the digest. The blocks that do not change with the number are digested once.
constexpr std::string_view kScript =
    R"js(// Works off the tickets of a page: finds N so that SHA-256 of "TICKET.N" begins with so many zero bits.
"use strict";
(() => {
  const K = new Int32Array(64), START = new Int32Array(8);
  const isPrime = n => { for (let d = 2; d * d <= n; d++) if (n % d === 0) return false; return true; };
  const fraction = x => (x - Math.floor(x)) * 4294967296 | 0;
  for (let n = 2, i = 0; i < 64; n++) {
    if (!isPrime(n)) continue;
    if (i < 8) START[i] = fraction(Math.sqrt(n));
    K[i++] = fraction(Math.cbrt(n));
  }

  const w = new Int32Array(64);
  // One block of 64 octets from `at` of `octets`, onto `state`.
  function compress(state, octets, at) {
    for (let i = 0; i < 16; i++, at += 4)
      w[i] = octets[at] << 24 | octets[at + 1] << 16 | octets[at + 2] << 8 | octets[at + 3];
    for (let i = 16; i < 64; i++) {
      const x = w[i - 15], y = w[i - 2];
      const s0 = (x >>> 7 | x << 25) ^ (x >>> 18 | x << 14) ^ x >>> 3;
      const s1 = (y >>> 17 | y << 15) ^ (y >>> 19 | y << 13) ^ y >>> 10;
      w[i] = w[i - 16] + s0 + w[i - 7] + s1 | 0;
    }
    let a = state[0] | 0, b = state[1] | 0, c = state[2] | 0, d = state[3] | 0;
    let e = state[4] | 0, f = state[5] | 0, g = state[6] | 0, h = state[7] | 0;
    for (let i = 0; i < 64; i++) {
      const s1 = (e >>> 6 | e << 26) ^ (e >>> 11 | e << 21) ^ (e >>> 25 | e << 7);
      const t1 = h + s1 + (e & f ^ ~e & g) + K[i] + w[i] | 0;
      const s0 = (a >>> 2 | a << 30) ^ (a >>> 13 | a << 19) ^ (a >>> 22 | a << 10);
      const t2 = s0 + (a & b ^ a & c ^ b & c) | 0;
      h = g; g = f; f = e; e = d + t1 | 0; d = c; c = b; b = a; a = t1 + t2 | 0;
    }
    state[0] += a; state[1] += b; state[2] += c; state[3] += d;
    state[4] += e; state[5] += f; state[6] += g; state[7] += h;
  }

  // The least N from 0 on. `ticket` is ASCII, `bits` at most 32.
  function solve(ticket, bits) {
    const prefix = new TextEncoder().encode(ticket + ".");
    const whole = prefix.length - prefix.length % 64, rest = prefix.length - whole;
    const middle = START.slice(), state = new Int32Array(8), tail = new Uint8Array(128);
    for (let at = 0; at < whole; at += 64) compress(middle, prefix, at);
    tail.set(prefix.subarray(whole));
    for (let n = 0; ; n++) {
      const digits = String(n);
      let size = rest;
      for (let i = 0; i < digits.length; i++) tail[size++] = digits.charCodeAt(i);
      const end = size + 9 > 64 ? 128 : 64, length = (whole + size) * 8;
      tail[size] = 0x80;
      tail.fill(0, size + 1, end);
      for (let i = 0; i < 4; i++) tail[end - 1 - i] = length >>> 8 * i;
      state.set(middle);
      for (let at = 0; at < end; at += 64) compress(state, tail, at);
      if (Math.clz32(state[0]) >= bits) return ticket + "." + n;
    }
  }

  if (typeof document === "undefined") {
    self.onmessage = message => self.postMessage(solve(message.data.ticket, message.data.bits));
    return;
  }
  const source = document.currentScript.src;
  function workOff(input) {
    const worker = new Worker(source);
    worker.onmessage = message => {
      worker.terminate();
      input.value = message.data;
      input.dataset.worked = "";
      if (input.form) input.form.dispatchEvent(new Event("worked"));
    };
    worker.postMessage({ ticket: input.value, bits: Number(input.dataset.work) });
  }
  const begin = () => document.querySelectorAll("input[data-work]:not([data-worked])").forEach(workOff);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
)js";

}  // namespace

std::string_view work_script() { return kScript; }

}  // namespace zw
