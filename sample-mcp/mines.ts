/** A mine, as the sample knows it. */
export interface Mine {
  readonly id: string;
  readonly name: string;
  readonly region: string;
  isOpen: boolean;
}

/** The mines of the sample, in memory. */
export const MINES: readonly Mine[] = [
  { id: 'm1', name: 'Copper Creek', region: 'north', isOpen: true },
  { id: 'm2', name: 'Silver Hollow', region: 'south', isOpen: true },
  { id: 'm3', name: 'Old Adit', region: 'north', isOpen: false },
];

/** Finds a mine by its id. */
export function mineOf(id: string): Mine | undefined {
  return MINES.find((mine) => mine.id === id);
}
