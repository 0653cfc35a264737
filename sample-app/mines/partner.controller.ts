import { Controller, Get, Param } from '@nestjs/common';
import { Clients, Roles } from 'nestjs-oidc-multi-auth';
import { MinesService } from './mines.service';

/** For a client of another issuer, whose roles stand elsewhere in its tokens. */
@Clients('partner')
@Controller('partner')
export class PartnerController {
  constructor(private readonly mines: MinesService) {}

  @Roles('mine_status_view')
  @Get('mines/:id/status')
  status(@Param('id') id: string): { status: string } {
    const { status } = this.mines.find(id);
    return { status };
  }
}
