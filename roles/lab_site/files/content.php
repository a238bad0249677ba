<?php
// What a small French business has on its site: pages, posts, comments, pictures, settings.
// Run by WP-CLI inside a fresh WordPress (6.8 to 7.1).
require_once ABSPATH . 'wp-admin/includes/plugin.php';
require_once ABSPATH . 'wp-admin/includes/image.php';
wp_set_current_user( 1 );

foreach ( array(
	'blogdescription'       => 'Un site du labo',
	'timezone_string'       => 'Europe/Paris',
	'date_format'           => 'j F Y',
	'users_can_register'    => 0,
	'default_comment_status' => 'open',
	'comment_previously_approved' => 0,
	'lab_café'              => array( 'emoji' => '🥐', 'nested' => array( 1, 2.5, null, true ) ),
) as $name => $value ) {
	update_option( $name, $value );
}
$GLOBALS['wp_rewrite']->set_permalink_structure( '/%postname%/' );
flush_rewrite_rules( false );

function lab_write( string $type, string $slug, string $title, string $html ): int {
	return wp_insert_post(
		array(
			'post_type'    => $type,
			'post_name'    => $slug,
			'post_title'   => $title,
			'post_status'  => 'publish',
			'post_content' => "<!-- wp:paragraph -->\n<p>$html</p>\n<!-- /wp:paragraph -->",
		)
	);
}

function lab_picture( string $slug, int $red, int $green, int $blue ): int {
	$image = imagecreatetruecolor( 640, 420 );
	imagefilledrectangle( $image, 0, 0, 640, 420, imagecolorallocate( $image, $red, $green, $blue ) );
	imagefilledellipse( $image, 320, 210, 300, 300, imagecolorallocate( $image, 255, 255, 255 ) );
	$file = wp_upload_dir()['path'] . "/$slug.jpg";
	imagejpeg( $image, $file, 80 );
	$id = wp_insert_attachment( array( 'post_mime_type' => 'image/jpeg', 'post_title' => $slug, 'post_status' => 'inherit' ), $file );
	wp_update_attachment_metadata( $id, wp_generate_attachment_metadata( $id, $file ) );
	return $id;
}

$atelier = lab_picture( 'atelier', 180, 90, 60 );
lab_picture( 'vitrine', 60, 120, 180 );
lab_write( 'page', 'contact', 'Contact', 'Écrivez-nous : 12 rue de la Forge, 69001 Lyon.' );
lab_write( 'page', 'mentions-legales', 'Mentions légales', 'Éditeur : ' . get_option( 'blogname' ) . ', SIRET 000 000 000 00000.' );
lab_write( 'page', 'a-propos', 'À propos', 'Depuis 1987, « fait main » 🌿.' );
for ( $number = 1; $number <= 6; $number++ ) {
	$post = lab_write( 'post', "nouvelle-$number", "Nouvelle n° $number", "Voici la nouvelle numéro $number de l’atelier." );
	wp_set_post_tags( $post, 'lab,nouvelle' );
	if ( $number <= 2 ) {
		set_post_thumbnail( $post, $atelier );
	}
	wp_insert_comment(
		array(
			'comment_post_ID'      => $post,
			'comment_author'       => 'Camille',
			'comment_author_email' => 'camille@example.test',
			'comment_content'      => "Bravo pour la nouvelle $number 👏",
			'comment_approved'     => 1,
		)
	);
}
wp_insert_user( array( 'user_login' => 'redactrice', 'user_email' => 'redactrice@example.test', 'user_pass' => wp_generate_password( 24 ), 'role' => 'editor' ) );

foreach ( array( 'hello.php', 'lab-guestbook/lab-guestbook.php' ) as $plugin ) {
	if ( is_file( WP_PLUGIN_DIR . "/$plugin" ) ) {
		$problem = activate_plugin( $plugin );
		if ( is_wp_error( $problem ) ) {
			WP_CLI::error( "$plugin: " . $problem->get_error_message() );
		}
	}
}
