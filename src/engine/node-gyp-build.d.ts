declare module 'node-gyp-build' {
  /** Loads the addon of the package at `folder`: its own build first, then a prebuilt file that fits. */
  export default function load(folder: string): unknown;
}
