import { Module } from '@nestjs/common';
import { OidcMultiAuthModule } from 'nestjs-oidc-multi-auth';
import { authOptions } from './auth.options';
import { BcmiController } from './mines/bcmi.controller';
import { MeController } from './mines/me.controller';
import { MinesController } from './mines/mines.controller';
import { MinesService } from './mines/mines.service';
import { PartnerController } from './mines/partner.controller';
import { ReferenceController } from './mines/reference.controller';

@Module({
  imports: [OidcMultiAuthModule.forRootAsync({ useFactory: authOptions, globalGuards: true })],
  controllers: [MinesController, BcmiController, PartnerController, ReferenceController, MeController],
  providers: [MinesService],
})
export class AppModule {}
