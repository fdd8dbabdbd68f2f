/** The package's version, as stamped into results. A test holds it to package.json, which browsers cannot read. */
export const VERSION = "0.1.0";
