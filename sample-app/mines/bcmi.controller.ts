import { Controller, Get } from '@nestjs/common';
import { Clients, Roles } from 'nestjs-oidc-multi-auth';
import { MinesService, type Mine } from './mines.service';

/** What the public site BCMI fetches every night, and nobody else may. */
@Clients('bcmi')
@Roles('core_view_all')
@Controller('bcmi')
export class BcmiController {
  constructor(private readonly mines: MinesService) {}

  @Get('mines')
  findAll(): Mine[] {
    return this.mines.findAll();
  }
}
