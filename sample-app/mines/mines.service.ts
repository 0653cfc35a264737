import { Injectable, NotFoundException } from '@nestjs/common';

export interface Mine {
  readonly id: string;
  readonly name: string;
  readonly status: 'operating' | 'closed';
}

@Injectable()
export class MinesService {
  readonly #mines = new Map<string, Mine>([
    ['1', { id: '1', name: 'Copper Mountain', status: 'operating' }],
    ['2', { id: '2', name: 'Silver Creek', status: 'closed' }],
  ]);

  findAll(): Mine[] {
    return [...this.#mines.values()];
  }

  find(id: string): Mine {
    const mine = this.#mines.get(id);
    if (mine === undefined) {
      throw new NotFoundException(`there is no mine ${id}`);
    }
    return mine;
  }

  change(id: string, change: Partial<Omit<Mine, 'id'>>): Mine {
    const mine = { ...this.find(id), ...change };
    this.#mines.set(id, mine);
    return mine;
  }
}
