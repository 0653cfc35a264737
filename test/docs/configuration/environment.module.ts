import { Module } from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import { optionsFromEnv, OidcMultiAuthModule } from 'nestjs-oidc-multi-auth';

@Module({
  imports: [
    OidcMultiAuthModule.forRootAsync({
      imports: [ConfigModule.forRoot()],
      useFactory: () => ({ ...optionsFromEnv(process.env), defaults: { preset: 'gold-sso' } }),
      globalGuards: true,
    }),
  ],
})
export class AppModule {}
