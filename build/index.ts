// What `weir-runtime/build` offers; nothing else may stand here.
export { type BuildOptions, type BuildStep, type BuiltGuest, buildGuest } from './guest.ts';
export { type GuestManifest, loadGuestManifest, MANIFEST_FILE } from './guest-manifest.ts';
