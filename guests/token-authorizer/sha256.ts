/** SHA-256 (FIPS 180-4), over bytes in memory. */

export const DIGEST_SIZE: usize = 32;

const BLOCK_SIZE: usize = 64;
/** Where, in the last block, the length of the message stands, in bits. */
const LENGTH_AT: usize = 56;

const ROUND_CONSTANTS = memory.data<u32>([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98,
  0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
  0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8,
  0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
  0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
  0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
  0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
  0xc67178f2,
]);

/** The message schedule of the block at hand: 64 words. */
const schedule = memory.data(64 * 4);
/** The last block or two, padded. */
const tail = memory.data(2 * 64);

/** Write the digest of the `size` bytes at `message` to the 32 bytes at `digest`. */
export function sha256(message: usize, size: usize, digest: usize): void {
  store<u32>(digest, 0x6a09e667);
  store<u32>(digest, 0xbb67ae85, 4);
  store<u32>(digest, 0x3c6ef372, 8);
  store<u32>(digest, 0xa54ff53a, 12);
  store<u32>(digest, 0x510e527f, 16);
  store<u32>(digest, 0x9b05688c, 20);
  store<u32>(digest, 0x1f83d9ab, 24);
  store<u32>(digest, 0x5be0cd19, 28);

  const whole = size & ~(BLOCK_SIZE - 1);
  for (let at: usize = 0; at < whole; at += BLOCK_SIZE) compress(message + at, digest);

  const rest = size - whole;
  const tailSize = rest < LENGTH_AT ? BLOCK_SIZE : 2 * BLOCK_SIZE;
  memory.fill(tail, 0, tailSize);
  memory.copy(tail, message + whole, rest);
  store<u8>(tail + rest, 0x80);
  store<u64>(tail + tailSize - 8, bswap<u64>((size as u64) << 3));
  for (let at: usize = 0; at < tailSize; at += BLOCK_SIZE) compress(tail + at, digest);
  // The tail held the end of the message, which may be a secret.
  memory.fill(tail, 0, tailSize);

  for (let at: usize = 0; at < DIGEST_SIZE; at += 4)
    store<u32>(digest + at, bswap<u32>(load<u32>(digest + at)));
}

/** Mix one block of 64 bytes into the eight words of `state`. */
function compress(block: usize, state: usize): void {
  for (let i: usize = 0; i < 64; i += 4) store<u32>(schedule + i, bswap<u32>(load<u32>(block + i)));
  for (let i: usize = 64; i < 256; i += 4) {
    const w15 = load<u32>(schedule + i - 60);
    const w2 = load<u32>(schedule + i - 8);
    const s0 = rotr<u32>(w15, 7) ^ rotr<u32>(w15, 18) ^ (w15 >> 3);
    const s1 = rotr<u32>(w2, 17) ^ rotr<u32>(w2, 19) ^ (w2 >> 10);
    store<u32>(schedule + i, load<u32>(schedule + i - 64) + s0 + load<u32>(schedule + i - 28) + s1);
  }

  let a = load<u32>(state);
  let b = load<u32>(state, 4);
  let c = load<u32>(state, 8);
  let d = load<u32>(state, 12);
  let e = load<u32>(state, 16);
  let f = load<u32>(state, 20);
  let g = load<u32>(state, 24);
  let h = load<u32>(state, 28);
  for (let i: usize = 0; i < 256; i += 4) {
    const s1 = rotr<u32>(e, 6) ^ rotr<u32>(e, 11) ^ rotr<u32>(e, 25);
    const choice = (e & f) ^ (~e & g);
    const t1 = h + s1 + choice + load<u32>(ROUND_CONSTANTS + i) + load<u32>(schedule + i);
    const s0 = rotr<u32>(a, 2) ^ rotr<u32>(a, 13) ^ rotr<u32>(a, 22);
    const majority = (a & b) ^ (a & c) ^ (b & c);
    h = g;
    g = f;
    f = e;
    e = d + t1;
    d = c;
    c = b;
    b = a;
    a = t1 + s0 + majority;
  }
  store<u32>(state, load<u32>(state) + a);
  store<u32>(state, load<u32>(state, 4) + b, 4);
  store<u32>(state, load<u32>(state, 8) + c, 8);
  store<u32>(state, load<u32>(state, 12) + d, 12);
  store<u32>(state, load<u32>(state, 16) + e, 16);
  store<u32>(state, load<u32>(state, 20) + f, 20);
  store<u32>(state, load<u32>(state, 24) + g, 24);
  store<u32>(state, load<u32>(state, 28) + h, 28);
}
