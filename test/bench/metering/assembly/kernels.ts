// AssemblyScript: tight loops, in which a check weighs most. Each export does a fixed amount of work
// and returns a number that depends on all of it.

const SIZE: i32 = 64 * 1024;
const data = memory.data(65536);
const copied = memory.data(65536);
const bins = memory.data(1024);

function fill(): void {
  let state: u32 = 0x9e3779b9;
  for (let i = 0; i < SIZE; i++) {
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    store<u8>(data + i, <u8>state);
  }
}
fill();

export function byteHash(): u32 {
  let hash: u32 = 0x811c9dc5;
  for (let round = 0; round < 8; round++) {
    for (let i = 0; i < SIZE; i++) hash = (hash ^ load<u8>(data + i)) * 0x01000193;
  }
  return hash;
}

export function histogram(): u32 {
  memory.fill(bins, 0, 1024);
  for (let round = 0; round < 8; round++) {
    for (let i = 0; i < SIZE; i++) {
      const bin = bins + ((<usize>load<u8>(data + i)) << 2);
      store<u32>(bin, load<u32>(bin) + 1);
    }
  }
  let sum: u32 = 0;
  for (let i: u32 = 0; i < 256; i++) sum += load<u32>(bins + (i << 2)) * i;
  return sum;
}

export function memcpyLoop(): u32 {
  for (let round = 0; round < 16; round++) {
    for (let i = 0; i < SIZE; i += 4) store<u32>(copied + i, load<u32>(data + i) + round);
  }
  return load<u32>(copied + SIZE - 4);
}

const SLOTS: u32 = 8192;
const slots = memory.data(65536);

export function hashTable(): u32 {
  memory.fill(slots, 0, 65536);
  let found: u32 = 0;
  for (let key: u32 = 1; key <= 4096; key++) {
    let slot = (key * 0x9e3779b1) >>> 19;
    while (load<u32>(slots + (slot << 3)) != 0) slot = (slot + 1) & (SLOTS - 1);
    store<u32>(slots + (slot << 3), key);
    store<u32>(slots + (slot << 3), key ^ 0x5555, 4);
  }
  for (let round: u32 = 0; round < 8; round++) {
    for (let key: u32 = 1; key <= 4096; key++) {
      let slot = (key * 0x9e3779b1) >>> 19;
      for (;;) {
        const at = load<u32>(slots + (slot << 3));
        if (at == key) {
          found += load<u32>(slots + (slot << 3), 4);
          break;
        }
        if (at == 0) break;
        slot = (slot + 1) & (SLOTS - 1);
      }
    }
  }
  return found;
}

const N: i32 = 96;
const a = memory.data(73728, 16);
const b = memory.data(73728, 16);
const c = memory.data(73728, 16);

export function matmul(): f64 {
  for (let i = 0; i < N * N; i++) {
    store<f64>(a + (i << 3), <f64>(i % 17) * 0.5);
    store<f64>(b + (i << 3), <f64>(i % 13) * 0.25);
  }
  for (let row = 0; row < N; row++) {
    for (let column = 0; column < N; column++) {
      let sum: f64 = 0;
      for (let k = 0; k < N; k++) {
        sum += load<f64>(a + ((row * N + k) << 3)) * load<f64>(b + ((k * N + column) << 3));
      }
      store<f64>(c + ((row * N + column) << 3), sum);
    }
  }
  return load<f64>(c + ((N * N - 1) << 3));
}

function fibonacci(n: i32): i32 {
  return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

export function fib(): i32 {
  return fibonacci(25);
}
