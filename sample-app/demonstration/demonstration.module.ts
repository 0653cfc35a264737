import { Module, type DynamicModule } from '@nestjs/common';
import { AppModule } from '../app.module';
import { DEMONSTRATED, type Demonstrated } from './demonstrated';
import { DemonstrationController } from './demonstration.controller';
import { EmbeddedProviderController } from './embedded-provider.controller';

/**
 * The mines API, and beside it what the sample's page asks for. It is apart from the API, and no part of what one copies: a
 * real application has neither.
 */
@Module({ imports: [AppModule] })
export class DemonstrationModule {
  static of(demonstrated: Demonstrated): DynamicModule {
    const ofProvider = demonstrated.provider === undefined ? [] : [EmbeddedProviderController];
    return {
      module: DemonstrationModule,
      controllers: [DemonstrationController, ...ofProvider],
      providers: [{ provide: DEMONSTRATED, useValue: demonstrated }],
    };
  }
}
