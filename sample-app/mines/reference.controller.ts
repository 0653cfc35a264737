import { Controller, Get } from '@nestjs/common';
import { Public } from 'nestjs-oidc-multi-auth';

@Public()
@Controller('mine-types')
export class ReferenceController {
  @Get()
  findAll(): string[] {
    return ['coal', 'metal', 'placer', 'sand and gravel'];
  }
}
