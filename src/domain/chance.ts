/** Numbers and ids out of bytes of chance. */

/** From 0 to below 1, of 48 bits. */
export function fractionOf(bytes: Uint8Array): number {
  return bytes.slice(0, 6).reduce((sum, byte) => sum * 256 + byte, 0) / 2 ** 48;
}

/** Version 4, variant 1, by RFC 9562; of 16 bytes. */
export function uuidOf(bytes: Uint8Array): string {
  const hex = Array.from(bytes.slice(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('');
  const variant = '89ab'.charAt((bytes[8] ?? 0) & 3);
  const parts = [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, variant + hex.slice(17, 20)];
  return [...parts, hex.slice(20, 32)].join('-');
}
