<?php
/* The one template: every page of the site. */
?><!doctype html>
<html <?php language_attributes(); ?>>
<head><meta charset="utf-8"><title><?php bloginfo( 'name' ); ?></title><?php wp_head(); ?></head>
<body <?php body_class(); ?>>
<?php wp_body_open(); ?>
<h1><?php bloginfo( 'name' ); ?></h1>
<?php
while ( have_posts() ) {
	the_post();
	the_title( '<h2>', '</h2>' );
	the_content();
}
?>
<p class="paper"><?php esc_html_e( 'Written on paper', 'lab-paper' ); ?>: Lab Paper <?php echo esc_html( wp_get_theme()->get( 'Version' ) ); ?>, <?php echo esc_html( LAB_PAPER ); ?></p>
<?php wp_footer(); ?>
</body>
</html>
