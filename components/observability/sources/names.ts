/** What a histogram is exported as. */
export const histogram = (name: string): string[] => [`${name}_bucket`, `${name}_sum`, `${name}_count`];

/** What a summary is exported as. */
export const summary = (name: string): string[] => [name, `${name}_sum`, `${name}_count`];
