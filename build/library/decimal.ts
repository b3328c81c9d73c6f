/**
 * Decimal digits to the nearest f64, exactly. AssemblyScript's own `parseFloat` is off by orders of magnitude
 * for some numbers (`1.4172394958733511e44`). The digits are halved and doubled, as digits, until what stands
 * before the point is the mantissa. Slow for long numbers and large exponents, which is no matter in a configuration.
 */

/** No f64 needs more digits than these to be told from its neighbours; of further ones only "not zero" counts. */
const DIGITS_MAX: i32 = 800;
/** Most bits in one step, so that a u64 holds what is carried. */
const SHIFT_MAX: i32 = 56;

export class Decimal {
  private digits: Uint8Array = new Uint8Array(DIGITS_MAX);
  private count: i32 = 0;
  /** The point stands before digit number `point`. */
  private point: i32 = 0;
  private beyond: bool = false;

  /** Append a digit. */
  push(digit: i32): void {
    if (this.count == 0 && digit == 0) {
      this.point--;
    } else if (this.count < DIGITS_MAX) {
      this.digits[this.count++] = <u8>digit;
    } else if (digit != 0) {
      this.beyond = true;
    }
  }

  /** The nearest f64, with `whole` of the digits pushed standing before the point, times ten to the `exponent`. */
  toFloat(whole: i32, exponent: i32): f64 {
    this.trim();
    if (this.count == 0) return 0;
    this.point += whole + exponent;
    if (this.point > 310) return Infinity;
    if (this.point < -330) return 0;
    let binary = 0;
    while (this.point > 0) {
      const bits = min(SHIFT_MAX, this.point * 3);
      this.halve(bits);
      binary += bits;
    }
    while (this.point < 0 || this.digits[0] < 5) {
      const bits = this.point < 0 ? min(SHIFT_MAX, -this.point * 3) : 1;
      this.double(bits);
      binary -= bits;
    }
    // The value is now at least 1/2 and less than 1, times two to the `binary`.
    binary--;
    if (binary < -1022) {
      this.halve(min(SHIFT_MAX, -1022 - binary));
      binary = -1022;
    }
    if (this.count > 0) this.double(53);
    let mantissa = this.rounded();
    if (mantissa == (<u64>1) << 53) {
      mantissa >>= 1;
      binary++;
    }
    if (binary > 1023) return Infinity;
    const subnormal = (mantissa & ((<u64>1) << 52)) == 0;
    const biased: u64 = subnormal ? 0 : <u64>(binary + 1023);
    return reinterpret<f64>((biased << 52) | (mantissa & (((<u64>1) << 52) - 1)));
  }

  /** Divide by two to the `bits`. */
  private halve(bits: i32): void {
    const digits = this.digits;
    let read = 0;
    let carried: u64 = 0;
    while (carried >> bits == 0) {
      if (read >= this.count && carried == 0) {
        this.count = 0;
        return;
      }
      carried = carried * 10 + (read < this.count ? <u64>digits[read] : 0);
      read++;
    }
    this.point -= read - 1;
    const mask = ((<u64>1) << bits) - 1;
    let write = 0;
    while (read < this.count || carried > 0) {
      const digit = <u8>(carried >> bits);
      carried = (carried & mask) * 10 + (read < this.count ? <u64>digits[read] : 0);
      read++;
      if (write < DIGITS_MAX) digits[write++] = digit;
      else if (digit > 0) this.beyond = true;
    }
    this.count = write;
    this.trim();
  }

  /** Multiply by two to the `bits`. */
  private double(bits: i32): void {
    const digits = this.digits;
    let carried: u64 = 0;
    for (let i = this.count - 1; i >= 0; i--) {
      carried += (<u64>digits[i]) << bits;
      digits[i] = <u8>(carried % 10);
      carried /= 10;
    }
    let more = 0;
    for (let rest = carried; rest > 0; rest /= 10) more++;
    const kept = min(this.count, DIGITS_MAX - more);
    for (let i = kept; i < this.count; i++) if (digits[i] != 0) this.beyond = true;
    memory.copy(digits.dataStart + more, digits.dataStart, kept);
    for (let i = more - 1; i >= 0; i--) {
      digits[i] = <u8>(carried % 10);
      carried /= 10;
    }
    this.count = kept + more;
    this.point += more;
    this.trim();
  }

  /** The whole part, rounded to even. */
  private rounded(): u64 {
    let whole: u64 = 0;
    for (let i = 0; i < this.point; i++) whole = whole * 10 + (i < this.count ? <u64>this.digits[i] : 0);
    const half = this.point;
    if (half < 0 || half >= this.count || this.digits[half] < 5) return whole;
    const exactly = this.digits[half] == 5 && half + 1 == this.count && !this.beyond;
    return exactly ? whole + (whole & 1) : whole + 1;
  }

  private trim(): void {
    while (this.count > 0 && this.digits[this.count - 1] == 0) this.count--;
  }
}
