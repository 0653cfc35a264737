import { Controller, Get, HttpCode, Param, Post, Put } from '@nestjs/common';
import { AllRoles, CurrentUser, OidcPrincipal, Roles } from 'nestjs-oidc-multi-auth';
import { MinesService, type Mine } from './mines.service';

/** Whoever may view may view, whichever client the token is from, unless a handler says otherwise. */
@Roles('core_view_all')
@Controller('mines')
export class MinesController {
  constructor(private readonly mines: MinesService) {}

  @Get()
  findAll(): Mine[] {
    return this.mines.findAll();
  }

  /** Any of two roles. */
  @Roles('core_view_all', 'core_edit_mines')
  @Get(':id')
  find(@Param('id') id: string): Mine {
    return this.mines.find(id);
  }

  @Roles('core_edit_mines')
  @Put(':id')
  reopen(@Param('id') id: string, @CurrentUser() user: OidcPrincipal): Mine & { changedBy: string } {
    return { ...this.mines.change(id, { status: 'operating' }), changedBy: `${user.client}/${user.subject}` };
  }

  /** Every one of two roles, beside the class's own rule, which `@Roles` on the handler replaces. */
  @Roles('core_edit_mines')
  @AllRoles('core_edit_mines', 'core_close_mines')
  @HttpCode(200)
  @Post(':id/close')
  close(@Param('id') id: string): Mine {
    return this.mines.change(id, { status: 'closed' });
  }
}
