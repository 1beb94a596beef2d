# One library of kernels per instruction set, each from the same kernels.cc, and the addon that chooses among them.
{
  'variables': {
    'headers%': '<!(node -p "require(\'node-api-headers\').include_dir")',
    'sanitize%': '',
    'chunk_floats%': '',
  },
  'target_defaults': {
    'cflags!': ['-fno-omit-frame-pointer'],
    'cflags_cc': ['-std=c++17', '-O3', '-fno-math-errno', '-ffp-contract=fast', '-fvisibility=hidden', '-Wall', '-Wextra'],
    'cflags_cc!': ['-std=gnu++17', '-std=gnu++20', '-fno-exceptions'],
    'xcode_settings': {
      'CLANG_CXX_LANGUAGE_STANDARD': 'c++17',
      'GCC_OPTIMIZATION_LEVEL': '3',
      'GCC_ENABLE_CPP_EXCEPTIONS': 'YES',
      'GCC_SYMBOLS_PRIVATE_EXTERN': 'YES',
      'MACOSX_DEPLOYMENT_TARGET': '11.0',
      'OTHER_CPLUSPLUSFLAGS': ['-fno-math-errno', '-ffp-contract=fast'],
    },
    'conditions': [
      ['chunk_floats!=""', {'defines': ['DSC_CHUNK_FLOATS=<(chunk_floats)']}],
      ['target_arch=="x64"', {'defines': ['DSC_X64']}],
      ['target_arch=="arm64"', {'defines': ['DSC_ARM64']}],
      ['sanitize!=""', {
        'cflags_cc': ['-fsanitize=<(sanitize)', '-fno-sanitize-recover=undefined', '-fno-omit-frame-pointer', '-g', '-O1'],
        'ldflags': ['-fsanitize=<(sanitize)'],
      }],
    ],
  },
  'targets': [
    {
      'target_name': 'plain',
      'type': 'static_library',
      'sources': ['kernels.cc'],
      'defines': ['DSC_ISA=plain', 'DSC_TABLE=kernelsPlain', 'DSC_VECTOR=4', 'DSC_TILE_ROWS=6'],
    },
    {
      'target_name': 'dsc_native',
      'sources': ['addon.cc', 'isa.cc', 'pool.cc'],
      'include_dirs': ['<(headers)'],
      'defines': ['NAPI_VERSION=8'],
      'dependencies': ['plain'],
      'conditions': [
        ['target_arch=="x64"', {'dependencies': ['avx2', 'avx512']}],
        ['target_arch=="arm64"', {'dependencies': ['neon']}],
        ['OS=="linux"', {'ldflags': ['-static-libstdc++', '-static-libgcc', '-pthread']}],
      ],
    },
  ],
  'conditions': [
    ['target_arch=="x64"', {
      'targets': [
        {
          'target_name': 'avx2',
          'type': 'static_library',
          'sources': ['kernels.cc'],
          'defines': ['DSC_ISA=avx2', 'DSC_TABLE=kernelsAvx2', 'DSC_VECTOR=8', 'DSC_TILE_ROWS=6'],
          'cflags_cc': ['-mavx2', '-mfma'],
          'xcode_settings': {'OTHER_CPLUSPLUSFLAGS': ['-mavx2', '-mfma']},
        },
        {
          'target_name': 'avx512',
          'type': 'static_library',
          'sources': ['kernels.cc'],
          'defines': ['DSC_ISA=avx512', 'DSC_TABLE=kernelsAvx512', 'DSC_VECTOR=16', 'DSC_TILE_ROWS=14'],
          'cflags_cc': ['-mavx512f', '-mavx512dq', '-mavx512vl', '-mavx512bw', '-mfma', '-mprefer-vector-width=512'],
          'xcode_settings': {
            'OTHER_CPLUSPLUSFLAGS': ['-mavx512f', '-mavx512dq', '-mavx512vl', '-mavx512bw', '-mfma'],
          },
        },
      ],
    }],
    ['target_arch=="arm64"', {
      'targets': [
        {
          'target_name': 'neon',
          'type': 'static_library',
          'sources': ['kernels.cc'],
          'defines': ['DSC_ISA=neon', 'DSC_TABLE=kernelsNeon', 'DSC_VECTOR=4', 'DSC_TILE_ROWS=10'],
        },
      ],
    }],
  ],
}
